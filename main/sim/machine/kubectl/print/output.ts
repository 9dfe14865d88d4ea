import { Document, visit } from 'yaml'
import { KubectlError } from '../errors.ts'
import type { AnyObject } from '../client.ts'
import { alignRows } from './table.ts'
import { jsonpathTemplate, jsonpathValues, showValue } from './jsonpath.ts'

/** Keys in order, as Go marshals maps; managedFields hidden as kubectl get does unless asked for. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map(key => [key, sorted((value as Record<string, unknown>)[key])]),
  )
}

const hideManagedFields = <T>(value: T): T => {
  const object = value as AnyObject
  if (Array.isArray((object as { items?: unknown }).items))
    return { ...object, items: (object as unknown as { items: AnyObject[] }).items.map(hideManagedFields) } as T
  if (!object.metadata?.managedFields) return value
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata } as T
}

/** What YAML 1.1 would read as something else than text; go-yaml puts such strings in double quotes, others in single ones. */
const LOOKS_LIKE_A_VALUE =
  /^(?:y|n|yes|no|on|off|true|false|null|~|[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d+)(?:e[-+]?\d+)?|0x[\da-f]+|0b[01]+|[-+]?\.(?:inf|nan)|\d{4}-\d\d?-\d\d?.*|)$/i

export const toYaml = (value: unknown): string => {
  const document = new Document(sorted(value), { version: '1.1', aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && LOOKS_LIKE_A_VALUE.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString({ indentSeq: false, lineWidth: 80, minContentWidth: 0, blockQuote: 'literal', singleQuote: true })
}

export const toJson = (value: unknown): string => `${JSON.stringify(sorted(value), null, 4)}\n`

const columnsPrinter = (spec: string, noHeaders: boolean) => {
  if (!spec) throw new KubectlError('error: custom-columns format specified but no custom columns given')
  const columns = spec.split(',').map(part => {
    const at = part.indexOf(':')
    if (at < 0) throw new KubectlError(`error: unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`)
    return { header: part.slice(0, at), values: jsonpathValues(part.slice(at + 1)) }
  })
  return (items: readonly unknown[]) => {
    const rows = items.map(item =>
      columns.map(column => {
        const found = column.values(item)
        return found.length === 0
          ? '<none>'
          : found.map(value => (value === null ? '<nil>' : typeof value === 'object' ? goText(value) : showValue(value))).join(',')
      }),
    )
    return alignRows(noHeaders ? rows : [columns.map(column => column.header), ...rows])
  }
}

/** fmt's %v of maps and slices, as custom-columns shows them. */
const goText = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(goText).join(' ')}]`
    : value !== null && typeof value === 'object'
      ? `map[${Object.keys(value)
          .toSorted()
          .map(key => `${key}:${goText((value as Record<string, unknown>)[key])}`)
          .join(' ')}]`
      : value === null
        ? '<nil>'
        : String(value)

const FORMATS =
  'custom-columns, custom-columns-file, go-template, go-template-file, json, jsonpath, jsonpath-as-json, jsonpath-file, kyaml, name, template, templatefile, wide, yaml'

export type ObjectPrinter = (
  value: AnyObject | { readonly kind: 'List'; readonly items: readonly AnyObject[] },
  resourceName: (object: AnyObject) => string,
) => string

/** The printer for `-o`, or undefined for the human-readable formats ('' and 'wide'). */
export const objectPrinter = (
  format: string,
  options: { readonly noHeaders?: boolean; readonly showManagedFields?: boolean } = {},
): ObjectPrinter | undefined => {
  const items = (value: Parameters<ObjectPrinter>[0]): readonly AnyObject[] =>
    'items' in value && Array.isArray(value.items) ? (value.items as AnyObject[]) : [value as AnyObject]
  const clean = <T>(value: T): T => (options.showManagedFields ? value : hideManagedFields(value))
  const [kind, ...tail] = format.split('=')
  const argument = tail.join('=')
  switch (kind) {
    case '':
    case 'wide':
      return undefined
    case 'json':
      return value => toJson(clean(value))
    case 'yaml':
      return value => toYaml(clean(value))
    case 'name':
      return (value, resourceName) =>
        items(value)
          .map(object => `${resourceName(object)}/${object.metadata.name}\n`)
          .join('')
    case 'jsonpath': {
      if (!argument) throw new KubectlError('error: template format specified but no template given')
      const render = jsonpathTemplate(argument)
      return value => render(clean(value))
    }
    case 'jsonpath-as-json': {
      const values = jsonpathValues(argument)
      return value => toJson(values(clean(value)))
    }
    case 'custom-columns': {
      const print = columnsPrinter(argument, options.noHeaders ?? false)
      return value => print(items(value))
    }
    default:
      throw new KubectlError(`error: unable to match a printer suitable for the output format "${format}", allowed formats are: ${FORMATS}`)
  }
}
