import { describe, expect, it } from 'vitest';
import { writeCsv } from '../../../../pump-server/index.ts';
import { entry, found, withEntries } from '../samples.ts';

const HEAD = [
  'banner,"TRAINING, NOT FOR HUMAN USE"',
  'library,plain',
  'version,1.0.0',
  'sequence,1',
  'care area,adult-ward',
  'status,draft',
];
const NAMES =
  'drug,concentration amount,concentration unit,concentration volume mL,dose unit,soft min,soft max,hard max';
const ROW = 'propofol,100,mg,100,mg/h,1,50,95';
const csv = (...lines: string[]) => [...HEAD, ...lines].join('\n');
const european = (...lines: string[]) =>
  [
    ...HEAD.map((line) => line.replace(',', ';')),
    ...lines.map((line) => line.replaceAll(',', ';').replaceAll('_', ',')),
  ].join('\r\n');

describe('a sheet of drugs', () => {
  it('is read as it is', () => {
    expect(found(csv(NAMES, ROW))).toEqual([]);
  });

  it.each([
    ['a byte order mark', `\uFEFF${csv(NAMES, ROW)}`],
    [
      'rows that are padded, and empty ones',
      csv('', ',,,,,,,', NAMES, `${ROW}`, ',,,,,,,').replace('status,draft', 'status,draft,,,,,,'),
    ],
    ['a line that says what separates', `sep=,\r\n${csv(NAMES, ROW)}`],
    [
      'names in other case, with brackets and underscores',
      csv(
        NAMES.replace('concentration volume mL', 'Concentration_Volume (mL)').replace('soft min', 'SOFT MIN'),
        ROW,
      ),
    ],
    [
      'short names of the concentration',
      csv('drug,concentration amount,unit,volume mL,dose unit,soft min,soft max,hard max', ROW),
    ],
    ['columns without a name that nobody uses', csv(`${NAMES},,`, `${ROW},,`)],
    [
      'the banner alone',
      csv(NAMES, ROW).replace('banner,"TRAINING, NOT FOR HUMAN USE"', '"TRAINING, NOT FOR HUMAN USE"'),
    ],
    ['blanks around cells', csv(NAMES, ROW.replaceAll(',', ' , '))],
    ['semicolons and decimal commas', european(NAMES, ROW.replace('95', '95_5'))],
    ['semicolons and decimal points', european(NAMES, ROW.replace('95', '95.5'))],
    ['semicolons and whole numbers', european(NAMES, ROW)],
    ['tabs', csv(NAMES, ROW).replaceAll(',', '\t').replace('TRAINING\t', 'TRAINING,')],
    [
      'columns in another order',
      csv('drug,dose unit,hard max,unit,volume mL,concentration amount', 'propofol,mg/h,95,mg,100,100'),
    ],
  ])('may have %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it.each([
    [
      'merged cells above the columns',
      csv(NAMES.replace('soft max', ''), ROW),
      /^csv-header 7:7 a column without a name/,
    ],
    [
      'a column twice',
      csv(NAMES.replace('soft max', 'soft min'), ROW),
      /^csv-header 7:7 two columns are called "soft min"/,
    ],
    [
      'a column that is not known',
      csv(NAMES.replace('hard max', 'hard mx'), ROW),
      /^csv-header 7:8 no column is called "hard mx"; "hard max"\?/,
    ],
    ['no names of columns', csv(ROW), /^csv-header 1:1 no row of column names/],
    [
      'a value above that is not known',
      csv('colour,red', NAMES, ROW),
      /^csv-label 7:1 no value of a library is called "colour"/,
    ],
    [
      'a value above twice',
      csv('version,1.0.1', NAMES, ROW),
      /^csv-label 7:1 "version" stands in line 3 already/,
    ],
    [
      'a banner that fell apart',
      csv(NAMES, ROW).replaceAll('"', ''),
      /^csv-label 1:3 "banner" has more than one value/,
    ],
    [
      'a decimal comma that makes one cell two',
      csv(NAMES, ROW.replace('50', '50,5')),
      /^csv-cells 8:9 9 cells, and 8 columns/,
    ],
    ['a row that lost a cell', csv(NAMES, ROW.replace(',95', '')), /^csv-cells 8:7 7 cells/],
    [
      'a quoted decimal comma',
      csv(NAMES, ROW.replace('50', '"50,5"')),
      /^csv-number 8:7 "50,5" has a decimal comma/,
    ],
    [
      'a quoted comma of thousands',
      csv(NAMES, ROW.replace('95', '"1,234"')),
      /^csv-number 8:8 "1,234" may be 1234 or 1\.234/,
    ],
    [
      'a point that may be one of thousands',
      european(NAMES, ROW.replace('95', '25.000')),
      /^csv-number 8:8 "25\.000" may be 25000 or 25\.000/,
    ],
    [
      'a comma that may be one of thousands',
      european(NAMES, ROW.replace('95', '25_000')),
      /^csv-number 8:8 "25,000" may be 25000 or 25\.000/,
    ],
    [
      'both decimal marks',
      european(NAMES, ROW.replace('50', '50_5').replace('95', '95.5')),
      /^csv-number 8:\d "\d\d.5" here and "\d\d.5" in line 8: two decimal marks/,
    ],
    [
      'both marks in one number',
      european(NAMES, ROW.replace('95', '1.234_5')),
      /^csv-number 8:8 "1\.234,5" has separators of thousands/,
    ],
    [
      'a word for a number',
      csv(NAMES, ROW.replace('95', 'none')),
      /^csv-number 8:8 hard max: "none" is no number/,
    ],
    [
      'a formula',
      csv(NAMES, ROW.replace('95', '=90+5')),
      /^csv-formula 8:8 "=90\+5" is no value but a formula/,
    ],
    ['a drug that is a formula', csv(NAMES, ROW.replace('propofol', '@SUM(A1)')), /^csv-formula 8:1/],
    ['what a spreadsheet could not compute', csv(NAMES, ROW.replace('95', '#REF!')), /^csv-formula 8:8/],
    ['merged cells of a drug', csv(NAMES, ROW, ',200,mg,100,,,,'), /^csv-drug-missing 9:1/],
    [
      'a drug with other limits in a second row',
      csv(NAMES, ROW, 'propofol,200,mg,100,mg/h,1,50,96'),
      /^duplicate-drug 9:8 "propofol" has hard max "96" here, and "95" in line 8/,
    ],
    [
      'a drug twice, not in rows that follow',
      csv(NAMES, ROW, ROW.replace('propofol', 'ketamine'), ROW),
      /^duplicate-drug 10:1 "propofol" is there already, in line 8/,
    ],
    [
      'a concentration twice',
      csv(NAMES, ROW, 'propofol,200,mg,200,,,,'),
      /^duplicate-concentration 9:2 propofol: 200 mg in 200 mL/,
    ],
    ['quotes that are open', csv(NAMES, ROW.replace('propofol', '"propofol')), /^csv-syntax 8:1 quotes/],
    ['a limit below nothing', csv(NAMES, ROW.replace(',1,50', ',-1,50')), /^schema 8:6 softMin: -1/],
    [
      'limits out of order',
      csv(NAMES, ROW.replace('95', '40')),
      /^bounds-order 8:8 hard maximum 40 is below the soft maximum 50/,
    ],
    [
      'a dose unit that does not convert',
      csv(NAMES, ROW.replace('mg/h', 'units/h')),
      /^units 8:5 propofol: the dose unit units\/h does not convert into 100 mg in 100 mL/,
    ],
    [
      'a drug that has no limits',
      csv(NAMES, 'propofol,100,mg,100,mg/h,,,'),
      /^no-limits 8:6 propofol has no limit at all/,
    ],
    [
      'a version that is missing',
      csv(NAMES, ROW).replace('version,1.0.0\n', ''),
      /^schema 1:1 version is missing/,
    ],
    ['no drugs', csv(NAMES), /^empty 7:1 no drugs/],
    ['more lines than any library', csv(NAMES, ROW) + '\n'.repeat(200_001), /^too-many 200000:1/],
  ])('is refused for %s, with line and column', (_, text, message) => {
    const [first, ...more] = found(text);
    expect(first).toMatch(message);
    expect(more).toEqual([]);
  });

  it('is refused where it is no text: a workbook, UTF-16, another code page', () => {
    expect(found(Buffer.from('PK\u0003\u0004'))).toEqual([
      'not-text 1:1 a workbook or an archive, not a CSV file',
    ]);
    expect(found(Buffer.from('\uFEFFdrug', 'utf16le'))).toEqual(['not-text 1:1 UTF-16, not UTF-8']);
    expect(found(Buffer.from('drug\nµg', 'latin1'))).toEqual(['not-text 2:1 not UTF-8 in this line']);
  });

  it('counts lines in quotes', () => {
    const text = csv(
      'drug,"concentration\namount",unit,volume mL,dose unit,soft min,soft max,hard max',
      ROW.replace('95', 'x'),
    );
    expect(found(text)).toEqual(['csv-number 9:8 hard max: "x" is no number']);
  });

  it('has each concentration of a drug in a row of its own', () => {
    const strong = { amount: 200, amountUnit: 'mg', volumeMl: 100 } as const;
    expect(writeCsv(withEntries(entry('propofol', { otherConcentrations: [strong] })))).toContain(
      '\r\npropofol,200,mg,100,,',
    );
    expect(found(csv(NAMES, ROW, 'propofol,200,mg,100,,,,'))).toEqual([]);
    expect(found(csv(NAMES, ROW, ROW.replace('100,mg', '200,mg')))).toEqual([]);
  });

  it('never takes long for an endless row or quote', () => {
    const head = csv(NAMES, ROW);
    expect(found(`${head}\n${','.repeat(4_000_000)}`)).toEqual([]);
    expect(found(`${head}\n"${'a\n'.repeat(100_000)}`).join()).toMatch(/csv-syntax|too-many/);
  }, 60_000);
});
