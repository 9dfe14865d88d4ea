// The types hold before the file was generated, too.
declare module '*/generated.json' {
  const generated: { readonly stamp: string; readonly docs: Readonly<Record<string, import('./docs.ts').SchemaDocs>> }
  export default generated
}
