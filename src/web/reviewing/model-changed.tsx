/** Said where the service has another model than the page: its labels may be others. */
export function ModelChanged() {
  return (
    <section class="message">
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
