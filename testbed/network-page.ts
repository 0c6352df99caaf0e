import { html, type Markup, trusted } from '../scenarios/index.ts';
import { NETWORK_STYLE } from './network-page-style.ts';

export interface NetworkPage {
  readonly title: string;
  readonly heading: string;
  readonly meta: Markup;
  readonly nav?: Markup;
  readonly main: Markup;
  readonly footer: string;
}

/** A page about a network: one HTML file that asks nothing of any server and runs no script. */
export function networkPage({ title, heading, meta, nav, main, footer }: NetworkPage): string {
  return `${
    html`<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${trusted(NETWORK_STYLE)}</style>
</head>
<body>
<header>
<p class="brand">Pumprange <span>TRAINING, NOT FOR HUMAN USE</span></p>
<h1>${heading}</h1>
<p class="meta">${meta}</p>
${nav ?? html``}
</header>
<main>
${main}
</main>
<footer><p>${footer} A simulated testbed made this page; no address in it leads out of it.</p></footer>
</body>
</html>
`.text
  }`;
}

/** When something was made, to the minute. */
export function madeTime(madeAt: string): Markup {
  return html`<time datetime="${madeAt}">${madeAt.slice(0, 16).replace('T', ' ')} UTC</time>`;
}
