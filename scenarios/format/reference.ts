import { z } from 'zod';

export const referenceSchema = z
  .strictObject({
    source: z.string().min(1).describe('Where it stands: CVE, ATT&CK for ICS, NIST, GIP …'),
    id: z.string().min(1).describe('Its id there.'),
    note: z.string().min(1).optional().describe('What the scenario takes from it.'),
  })
  .describe('The scenario illustrates the weakness class of this; it reproduces no product.');
