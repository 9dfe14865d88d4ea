import { isPair, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml'
import type { Document, ParsedNode } from 'yaml'
import { type Parsed, SyntaxFault } from './json.ts'

/** Deeper documents are refused, as deeper JSON is. */
const MAX_DEPTH = 1000
const TOO_DEEP = 'exceeded max depth of 10000'

/** What the YAML library of Kubernetes says where ours says it otherwise. */
const words: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_INDENT: 'did not find expected key',
  BAD_COLLECTION_TYPE: 'did not find expected node content',
  MISSING_CHAR: "could not find expected ':'",
  UNEXPECTED_TOKEN: 'did not find expected node content',
  RESOURCE_EXHAUSTION: TOO_DEEP,
}

/** How many times a document may come back to its anchors: enough for people, too few for a bomb. */
const MAX_ALIASES = 100

const duplicates = (document: Document.Parsed<ParsedNode>, lines: LineCounter): string[] => {
  const found: { readonly line: number; readonly key: string }[] = []
  visit(document, {
    Node: (_, _node, path) => {
      if (path.length > MAX_DEPTH) throw new SyntaxFault(`yaml: ${TOO_DEEP}`)
    },
    Map: (_, map) => {
      const seen = new Set<string>()
      for (const pair of map.items) {
        if (!isPair(pair) || !isScalar(pair.key) || pair.key.value === '<<') continue
        const key = String(pair.key.value)
        if (seen.has(key)) found.push({ line: lines.linePos(pair.key.range?.[0] ?? 0).line, key })
        seen.add(key)
      }
    },
  })
  if (found.length === 0) return []
  return [`yaml: unmarshal errors:\n${found.map(({ line, key }) => `  line ${line}: key ${JSON.stringify(key)} already set in map`).join('\n')}`]
}

/**
 * Parses the first document of a YAML text by the rules of YAML 1.1, as Kubernetes does (`yes` is true; dates stay
 * texts). Throws SyntaxFault.
 */
export const parseYaml = (text: string): Parsed => {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    version: '1.1',
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    customTags: tags =>
      tags.filter(
        tag => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.tag !== 'tag:yaml.org,2002:binary' && tag.format !== 'TIME'),
      ),
  })
  if (!Array.isArray(documents) || documents.length === 0) return { value: null, strict: [] }
  const document = documents[0] as Document.Parsed<ParsedNode>
  const fault = document.errors[0]
  if (fault) {
    const line = lines.linePos(fault.pos[0]).line
    throw new SyntaxFault(`yaml: ${line > 1 ? `line ${line}: ` : ''}${words[fault.code] ?? fault.message}`)
  }
  const strict = duplicates(document, lines)
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), strict }
  } catch (error) {
    throw new SyntaxFault(`yaml: ${(error as Error).message}`)
  }
}
