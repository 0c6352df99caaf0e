/**
 * The part of node-forge that is used, imported by itself: the whole library takes twice as long to load, and its
 * published types do not cover the files in `lib/`.
 */
declare module 'node-forge/lib/asn1.js' {
  export interface Asn1 {
    readonly tagClass: number;
    readonly type: number;
    readonly constructed: boolean;
    /** Content octets, one character an octet, or the elements of a constructed value. */
    readonly value: string | Asn1[];
  }

  const asn1: {
    create(tagClass: number, type: number, constructed: boolean, value: string | Asn1[]): Asn1;
    fromDer(
      der: string,
      options: { strict: boolean; parseAllBytes: boolean; decodeBitStrings: boolean; maxDepth?: number },
    ): Asn1;
    toDer(element: Asn1): { getBytes(): string };
    derToOid(content: string): string;
  };
  export default asn1;
}
