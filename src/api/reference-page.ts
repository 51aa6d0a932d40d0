import type { Context } from "hono";

/** Shows `/openapi.json`. One file of one version, with the digest it must have: it changes only with a release of ours. */
const viewer = {
  src: "https://cdn.jsdelivr.net/npm/@scalar/api-reference@1.72.1/dist/browser/standalone.js",
  integrity: "sha384-U11tb2XnKvmwt8RlTvnwUnYgrN+ur4Xyh9htLhjajWNR/Oyl5AX5DEz00qRmlrmK",
};

const policy = [
  "default-src 'none'",
  "script-src https://cdn.jsdelivr.net/npm/@scalar/",
  "style-src 'unsafe-inline'",
  "font-src https://fonts.scalar.com data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Stockwire API</title>
  </head>
  <body>
    <script id="api-reference" data-url="/openapi.json"></script>
    <script src="${viewer.src}" integrity="${viewer.integrity}" crossorigin="anonymous"></script>
  </body>
</html>
`;

/** The API's reference for people. */
export function referencePage(c: Context): Response {
  return c.html(page, 200, { "content-security-policy": policy });
}
