/** The open elements at the end of a document; throws where an end tag fits none. Enough for what we draw ourselves. */
export function unclosed(document: string): string[] {
  const open: string[] = [];
  for (const [, end, name = '', , empty] of document.matchAll(
    /<(\/?)([a-z]+)((?:\s[a-zA-Z:-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    if (empty === '/') continue;
    if (end !== '/') open.push(name);
    else if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
  }
  return open;
}

/** What is between the tags, and must hold none. */
export function looseMarkup(document: string): string[] {
  const text = document.replaceAll(/<\/?[a-z]+(?:\s[a-zA-Z:-]+="[^"<]*")*\s*\/?>/g, '');
  return text.match(/[<>]|&(?!amp;|lt;|gt;|quot;)/g) ?? [];
}
