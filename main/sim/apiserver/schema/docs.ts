/** What people read about a schema: generated from a package's declarations (scripts/schemas/generate.ts). */
export interface SchemaDocs {
  readonly description: string
  readonly fields: Readonly<Record<string, { readonly description: string; readonly required?: true; readonly values?: readonly string[] }>>
}

/** Loads the descriptions of every schema; large, so only what serves OpenAPI asks for them. */
export const loadDocs = async (): Promise<Readonly<Record<string, SchemaDocs>>> =>
  (await import('./generated.json', { with: { type: 'json' } })).default.docs as Record<string, SchemaDocs>
