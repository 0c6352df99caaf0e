import fc from 'fast-check';

// In CI a property is tried with the same values each time, so that a change is judged and not the day; at a desk each run tries
// others, and what it finds is mended.
if (process.env['CI']) fc.configureGlobal({ seed: 20_261_124 });
