/** The API's documentation. It loads nothing from elsewhere and has nothing inline, as its policy demands. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sensigate API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
    <script src="/docs/swagger-ui-bundle.js" defer></script>
    <script src="/docs/start.js" defer></script>
  </head>
  <body>
    <form id="key" hidden>
      <label>API key <input type="password" autocomplete="off" required></label>
      <button>Show</button>
    </form>
    <div id="swagger-ui"><noscript>This page needs JavaScript; the document is at /openapi.json.</noscript></div>
  </body>
</html>
`;

/**
 * Fetches the document and shows it. Where the service has keys it asks for one, and keeps it in the page
 * alone.
 */
export const DOCS_SCRIPT = `const form = document.getElementById('key');

async function show(key) {
  const headers = key ? { authorization: 'Bearer ' + key } : {};
  const response = await fetch('/openapi.json', { headers });
  form.hidden = response.status !== 401;
  if (!response.ok) return;
  const ui = SwaggerUIBundle({
    spec: await response.json(),
    domNode: document.getElementById('swagger-ui'),
    deepLinking: true,
    validatorUrl: null,
    onComplete: () => key && ui.preauthorizeApiKey('apiKey', key),
  });
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  show(form.querySelector('input').value);
});

show(null);
`;
