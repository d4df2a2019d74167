/** What someone sees who opens the service in a browser where the reviewers' page is not built. */
export const WELCOME_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sensigate</title>
  </head>
  <body>
    <h1>Sensigate</h1>
    <p>
      An image classifier that knows when to ask a person: it measures how strongly each answer would change if the
      image changed a little, labels the stable ones itself and puts the others into a queue for people to label.
    </p>
    <p>The page for reviewers is not built: <code>make build/web</code> builds it, and so does <code>make run</code>.</p>
    <ul>
      <li><a href="/docs">How to call it</a></li>
      <li><a href="/v1/model">The model that is served</a></li>
      <li><a href="/v1/gate">The gate that decides</a></li>
      <li><a href="/readyz">Whether it is ready</a></li>
    </ul>
  </body>
</html>
`;
