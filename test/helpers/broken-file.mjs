/**
 * Breaks built files as they are loaded, with `node --import`. PUMPRANGE_TEST_BREAK is JSON: `[{"file", "places": [[pattern, replacement]]}]`.
 * A file that has none of its places is an error: one that was not broken must not pass for one that was.
 */
import { register } from 'node:module';

const { PUMPRANGE_TEST_BREAK: broken } = process.env;
if (broken !== undefined) {
  const source = `
    const files = ${broken};
    export async function load(url, context, next) {
      const loaded = await next(url, context);
      const one = files.find(({ file }) => url.endsWith('/dist/' + file));
      if (one === undefined) return loaded;
      let text = String(loaded.source);
      let found = 0;
      for (const [pattern, replacement] of one.places) {
        text = text.replace(new RegExp(pattern, 'g'), () => {
          found += 1;
          return replacement;
        });
      }
      if (found === 0) throw new Error(one.file + ' has none of the places that were to be broken');
      return { ...loaded, source: text };
    }`;
  register(`data:text/javascript,${encodeURIComponent(source)}`);
}
