/** The pages of the API references: their HTML, their style and their scripts, each a file of its own to the browser. */

/** A reference: what it is of, and where it and its OpenAPI document are. */
export interface Reference {
  readonly title: string;
  /** The path of the page; what it loads stands beneath it or beneath `/docs`. */
  readonly url: string;
  /** The path of its document, without `.json` or `.yaml`. */
  readonly document: string;
  /** The other reference. */
  readonly other: { readonly title: string; readonly url: string };
}

/** The page of a reference. */
export function createReferencePage({ title, url, document, other }: Reference): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Jackfield ${title} reference</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230f766e'/%3E%3Ccircle cx='8' cy='8' r='3.5' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/reference.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="${url}/reference.js" defer></script>
</head>
<body>
<header class="masthead">
<p><strong>Jackfield</strong> ${title} reference</p>
<nav aria-label="Documents"><a href="${other.url}">${other.title}</a> <a href="${document}.json">OpenAPI as JSON</a> <a href="${document}.yaml">OpenAPI as YAML</a></nav>
</header>
<div id="reference">
<noscript><p>This page is drawn by a script. Without it, read the OpenAPI document linked above.</p></noscript>
</div>
</body>
</html>
`;
}

/** Swagger UI names some of its lists only to the eye, and has blocks that scroll but cannot be reached by keyboard. */
export function createReferenceScript({ document }: Reference): string {
  return `const dark = matchMedia('(prefers-color-scheme: dark)');
const followColours = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', followColours);
followColours();

const reference = document.getElementById('reference');
const MISSING = [
  ['select#servers', 'aria-label', 'Server'],
  ['select.content-type', 'aria-label', 'Media type'],
  ['select.examples-select-element', 'aria-label', 'Example'],
  ['pre.microlight', 'tabindex', '0'],
];
new MutationObserver(() => {
  for (const [selector, name, value] of MISSING) {
    for (const element of reference.querySelectorAll(selector + ':not([' + name + '])')) element.setAttribute(name, value);
  }
}).observe(reference, { childList: true, subtree: true });

SwaggerUIBundle({
  domNode: reference,
  url: '${document}.json',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: 'list',
  syntaxHighlight: { theme: 'obsidian' },
  validatorUrl: null,
});
`;
}

/** Besides the head of the page, other colours where those of Swagger UI are hard to read. */
export const REFERENCE_STYLE = `html { color-scheme: light dark; }
body { margin: 0; font-family: sans-serif; }
.masthead {
  display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.25rem 2rem;
  padding: 0.75rem max(1.25rem, calc((100vw - 1420px) / 2));
  background: #134e4a; color: #fff;
}
.masthead p { margin: 0; font-size: 1.125rem; }
.masthead nav { display: flex; gap: 1.25rem; }
.masthead a { color: #ccfbf1; }
noscript p { padding: 1.25rem; }
.swagger-ui .info { margin: 2rem 0 1.5rem; }
.swagger-ui .info .description { max-width: 60rem; }
.swagger-ui .scheme-container { padding: 1rem 0; box-shadow: none; }
.swagger-ui table.headers td.header-col, .swagger-ui .parameter__in { color: inherit; }
html.dark-mode .swagger-ui .examples-select .examples-select__section-label { color: #e4e6e6; }
html.dark-mode .swagger-ui .opblock.opblock-put .opblock-section-header { background: #5c3521; }
html:not(.dark-mode) .swagger-ui {
  & .renderedMarkdown code, & .markdown code { color: #6d28d9; }
  & .info a, & .info__license a { color: #1d5fae; }
  & .info .title small { background: #4b5563; }
  & .info .title small.version-stamp { background: #3f6212; }
  & .btn.authorize { border-color: #166534; color: #166534; & span { color: inherit; } & svg { fill: #166534; } }
  & .opblock-get .opblock-summary-method { background: #1d5fae; }
  & .opblock-post .opblock-summary-method { background: #166534; }
  & .opblock-put .opblock-summary-method { background: #9a3412; }
  & .opblock-delete .opblock-summary-method { background: #b91c1c; }
}
`;
