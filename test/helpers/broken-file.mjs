/**
 * Breaks one built file as it is loaded, with `node --import`. PUMPRANGE_TEST_BREAK is JSON: `{"file", "places": [[pattern, replacement]]}`.
 * A pattern that is nowhere is an error: a file that was not broken must not pass for one that was.
 */
import { register } from 'node:module';

const { PUMPRANGE_TEST_BREAK: broken } = process.env;
if (broken !== undefined) {
  const source = `
    const { file, places } = ${broken};
    export async function load(url, context, next) {
      const loaded = await next(url, context);
      if (!url.endsWith('/dist/' + file)) return loaded;
      let text = String(loaded.source);
      let found = 0;
      for (const [pattern, replacement] of places) {
        text = text.replace(new RegExp(pattern, 'g'), () => {
          found += 1;
          return replacement;
        });
      }
      if (found === 0) throw new Error(file + ' has none of the places that were to be broken');
      return { ...loaded, source: text };
    }`;
  register(`data:text/javascript,${encodeURIComponent(source)}`);
}
