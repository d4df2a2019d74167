/** Said where the service has another model than the page: its labels may be others. */
export function OtherModel() {
  return (
    <section class="resting-word">
      <h1>Another model is served now</h1>
      <p>Its labels may be others. What you answered is kept.</p>
      <button
        type="button"
        class="primary"
        onClick={() => {
          location.reload();
        }}
      >
        Go on with it
      </button>
    </section>
  );
}
