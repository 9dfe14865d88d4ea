// The types hold before the file was generated, too.
declare module '*/generated.json' {
  // eslint-disable-next-line typescript/consistent-type-imports -- a declaration of a module cannot import outside itself
  const generated: { readonly stamp: string; readonly docs: Readonly<Record<string, import('./docs.ts').SchemaDocs>> }
  export default generated
}
