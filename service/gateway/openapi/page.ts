import type { OpenapiDocument, OpenapiOperation } from './document.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 small { font-weight: normal; opacity: .7; }
section { border-top: 1px solid var(--line); padding: .75rem 0; }
h2 { font-size: 1rem; margin: 0; font-family: ui-monospace, monospace; }
h2 b { display: inline-block; min-width: 4.5rem; }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; }
td, th { text-align: left; padding: .1rem 1rem .1rem 0; vertical-align: top; }
code { font-family: ui-monospace, monospace; }
`;

/** The description as a page for people: every route with what it takes; it needs neither scripts nor the network. */
export function docsPage({ info, paths }: OpenapiDocument): string {
  const sections = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => section(method, path, operation)),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(info.title)}: routes</title>
<style>${STYLE}</style>
<h1>${escaped(info.title)} <small>${escaped(info.version)}</small></h1>
<p>The same as OpenAPI 3.1: <a href="/openapi.json">/openapi.json</a>. Requests are held against these very schemas.</p>
${sections.join('\n')}
`;
}

function section(method: string, path: string, operation: OpenapiOperation): string {
  const { description, parameters, requestBody, security, responses } = operation;
  const isOpen = security.some((each) => Object.keys(each).length === 0);
  const rows = parameters.map(
    (each) =>
      `<tr><td><code>${escaped(each.name)}</code><td>${each.in}${each.required ? ', required' : ''}<td><code>${escaped(JSON.stringify(each.schema))}</code>`,
  );
  return `<section id="${escaped(operation.operationId)}">
<h2><b>${escaped(method.toUpperCase())}</b> ${escaped(path)}</h2>
<p>${escaped(description)} ${isOpen ? 'A key or session may be shown.' : 'A key or session is due.'} Refusals: ${Object.keys(
    responses,
  )
    .filter((status) => !status.startsWith('2'))
    .join(', ')}.</p>
${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}
${requestBody ? `<details><summary>Body</summary><pre>${escaped(JSON.stringify(requestBody.content, undefined, 2))}</pre></details>` : ''}
</section>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
