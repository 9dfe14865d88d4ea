import { ACCEPT_TABLE, resourcePath, type AnyObject, type ApiResource } from '../client.ts'
import type { KubectlCommand, KubectlContext } from '../command.ts'
import { errorText, KubectlError, StatusError } from '../errors.ts'
import { objectPrinter, type ObjectPrinter } from '../print/output.ts'
import { alignRows, printTable, tableCells, type Table, type TableOptions } from '../print/table.ts'
import { jsonpathValues } from '../print/jsonpath.ts'
import { allNamespacesFlag, parseTargets, readObjects, resourceOf, namespaceFor, selectorFlags, targetFlags, type Target } from '../targets.ts'

const PAGE = '500'

const tableOptions = (context: KubectlContext, resource: ApiResource, several: boolean): TableOptions => {
  const { flags } = context
  return {
    wide: flags.string('output') === 'wide',
    noHeaders: flags.bool('no-headers'),
    // Beside other kinds, cluster-scoped ones keep an empty column.
    withNamespace: flags.bool('all-namespaces') && (resource.namespaced || several),
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.list('label-columns'),
    kindPrefix: several || flags.bool('show-kind') ? (resource.group ? `${resource.singular}.${resource.group}` : resource.singular) : undefined,
  }
}

const pathOf = (context: KubectlContext, target: Target): string =>
  resourcePath(target.resource, context.flags.bool('all-namespaces') && !target.name ? undefined : context.namespace, target.name)

/** A table of a whole type, page by page, or of one object. */
const fetchTable = async (context: KubectlContext, target: Target): Promise<Table> => {
  const sort = context.flags.string('sort-by')
  const query = {
    labelSelector: context.flags.string('selector'),
    fieldSelector: context.flags.string('field-selector'),
    limit: target.name || sort ? undefined : PAGE,
    includeObject: sort ? 'Object' : undefined,
  }
  const first = await context.client.json<Table>('GET', pathOf(context, target), { query: target.name ? {} : query, accept: ACCEPT_TABLE })
  const rows = [...first.rows]
  let next = first.metadata?.continue
  while (next) {
    const page = await context.client.json<Table>('GET', pathOf(context, target), { query: { ...query, continue: next }, accept: ACCEPT_TABLE })
    rows.push(...page.rows)
    next = page.metadata?.continue
  }
  if (sort) {
    const values = jsonpathValues(sort)
    const keyed = rows.map(row => ({ row, key: values(row.object)[0] }))
    if (rows.length > 0 && keyed.every(({ key }) => key === undefined))
      throw new KubectlError(
        `error: couldn't find any field with path "${sort.startsWith('{') ? sort : `{${sort.startsWith('.') ? sort : `.${sort}`}}`}" in the list of objects`,
      )
    keyed.sort((a, b) => compare(a.key, b.key))
    return { ...first, rows: keyed.map(({ row }) => row) }
  }
  return { ...first, rows }
}

const compare = (a: unknown, b: unknown): number => (a === b ? 0 : a === undefined ? -1 : b === undefined ? 1 : (a as never) < (b as never) ? -1 : 1)

const nothingFound = (context: KubectlContext, namespaced: boolean): string =>
  namespaced && !context.flags.bool('all-namespaces') ? `No resources found in ${context.namespace} namespace.\n` : 'No resources found\n'

const getTables = async (context: KubectlContext, targets: readonly Target[]): Promise<number> => {
  const { io } = context
  const kinds = new Set(targets.map(target => target.resource))
  const several = kinds.size > 1
  let exit = 0
  let printed = false
  // Objects of one kind asked for by name share one table.
  const groups = new Map<ApiResource, Target[]>()
  for (const target of targets) groups.set(target.resource, [...(groups.get(target.resource) ?? []), target])
  for (const [resource, members] of groups) {
    let merged: Table | undefined
    for (const target of members) {
      try {
        const table = await fetchTable(context, target)
        merged = merged ? { ...merged, rows: [...merged.rows, ...table.rows] } : table
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        if (target.name && error.status.reason === 'NotFound' && context.flags.bool('ignore-not-found')) continue
        io.stderr(`${errorText(error)}\n`)
        exit = 1
      }
    }
    if (!merged || merged.rows.length === 0) continue
    if (printed && several) io.stdout('\n')
    io.stdout(printTable(merged, tableOptions(context, resource, several)))
    printed = true
  }
  if (!printed && exit === 0 && !context.flags.bool('ignore-not-found'))
    io.stderr(
      nothingFound(
        context,
        [...kinds].some(resource => resource.namespaced),
      ),
    )
  return exit
}

const getObjects = async (context: KubectlContext, targets: readonly Target[], print: ObjectPrinter): Promise<number> => {
  const { client, flags, io } = context
  const items: AnyObject[] = []
  const resources = new Map<AnyObject, ApiResource>()
  let exit = 0
  for (const target of targets) {
    try {
      if (target.name) {
        const object = await client.json<AnyObject>('GET', pathOf(context, target))
        items.push(object)
        resources.set(object, target.resource)
      } else {
        const list = await client.json('GET', pathOf(context, target), {
          query: { labelSelector: flags.string('selector'), fieldSelector: flags.string('field-selector'), limit: PAGE },
        })
        let page = list
        for (;;) {
          for (const item of page.items) {
            const object = { apiVersion: list.apiVersion, kind: target.resource.kind, ...item }
            items.push(object)
            resources.set(object, target.resource)
          }
          if (!page.metadata?.continue) break
          page = await client.json('GET', pathOf(context, target), {
            query: { labelSelector: flags.string('selector'), fieldSelector: flags.string('field-selector'), limit: PAGE, continue: page.metadata.continue },
          })
        }
      }
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (target.name && error.status.reason === 'NotFound' && flags.bool('ignore-not-found')) continue
      io.stderr(`${errorText(error)}\n`)
      exit = 1
    }
  }
  if (exit !== 0 && items.length === 0) return exit
  const sort = flags.string('sort-by')
  if (sort) {
    const values = jsonpathValues(sort)
    items.sort((a, b) => compare(values(a)[0], values(b)[0]))
  }
  const byName = (object: AnyObject): string => {
    const resource = resources.get(object)!
    return resource.group ? `${resource.singular}.${resource.group}` : resource.singular
  }
  const single = targets.length === 1 && targets[0]!.name !== undefined
  if (single && items.length === 0) return exit
  io.stdout(print(single ? items[0]! : ({ apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } } as never), byName))
  return exit
}

/** `-w`: the present state, then every change, until interrupted. Column widths stay as the first table set them. */
const watchTargets = async (context: KubectlContext, targets: readonly Target[], print: ObjectPrinter | undefined): Promise<number> => {
  const { client, flags, io } = context
  if (targets.length !== 1)
    throw new KubectlError('error: watch is only supported on individual resources and resource collections - more than 1 resource was found')
  const target = targets[0]!
  const listPath = resourcePath(target.resource, flags.bool('all-namespaces') ? undefined : context.namespace)
  const selectors = { labelSelector: flags.string('selector'), fieldSelector: target.name ? `metadata.name=${target.name}` : flags.string('field-selector') }
  const options = tableOptions(context, target.resource, false)
  const name = () => (target.resource.group ? `${target.resource.singular}.${target.resource.group}` : target.resource.singular)
  const withEvents = flags.bool('output-watch-events')

  let resourceVersion: string
  let header: string[] = []
  let widths: number[] = []
  const rowsText = (rows: readonly string[][], withHeader: boolean): string => {
    const all = withHeader && !options.noHeaders ? [header, ...rows] : rows
    const columns = Math.max(...all.map(row => row.length))
    widths = Array.from({ length: columns }, (_, i) => Math.max(widths[i] ?? 0, ...all.map(row => row[i]?.length ?? 0)))
    // A row as wide as the widest so far, in front, makes the columns stand where they stood.
    return alignRows([widths.map(width => 'x'.repeat(width)), ...all])
      .split('\n')
      .slice(1)
      .join('\n')
  }
  let columns: Table['columnDefinitions'] = []
  if (print) {
    const list = await client.json('GET', target.name ? pathOf(context, target) : listPath, { query: target.name ? {} : selectors })
    resourceVersion = list.metadata.resourceVersion
    const items: AnyObject[] = target.name
      ? [list]
      : list.items.map((item: AnyObject) => ({ ...item, apiVersion: list.apiVersion, kind: target.resource.kind }))
    if (!flags.bool('watch-only')) for (const item of items) io.stdout(print(withEvents ? ({ type: 'ADDED', object: item } as never) : item, name))
  } else {
    const table = await client.json<Table>('GET', target.name ? pathOf(context, target) : listPath, {
      query: target.name ? {} : selectors,
      accept: ACCEPT_TABLE,
    })
    resourceVersion = table.metadata?.resourceVersion ?? table.rows[0]?.object?.metadata?.resourceVersion ?? ''
    columns = table.columnDefinitions
    const cells = tableCells(table, options)
    header = withEvents ? ['EVENT', ...cells.header] : cells.header
    if (!flags.bool('watch-only') && cells.rows.length > 0) io.stdout(rowsText(withEvents ? cells.rows.map(row => ['ADDED', ...row]) : cells.rows, true))
    else widths = header.map(cell => cell.length)
  }
  let first = widths.length === 0 || flags.bool('watch-only')
  for await (const event of client.lines<{ type: string; object: any }>(
    listPath,
    { ...selectors, watch: 'true', resourceVersion },
    print ? 'application/json' : ACCEPT_TABLE,
  )) {
    if (event.type === 'BOOKMARK') continue
    if (event.type === 'ERROR') throw new StatusError(event.object)
    if (print) io.stdout(print(withEvents ? ({ type: event.type, object: event.object } as never) : event.object, name))
    else {
      if (event.object.columnDefinitions?.length) columns = event.object.columnDefinitions
      const { rows } = tableCells({ ...event.object, columnDefinitions: columns }, options)
      io.stdout(rowsText(withEvents ? rows.map(row => [event.type, ...row]) : rows, first))
      first = false
    }
  }
  return 0
}

export const get: KubectlCommand = {
  name: 'get',
  summary: 'Display one or many resources',
  usage: 'kubectl get [(-o|--output=)json|yaml|name|jsonpath|custom-columns|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE/NAME ...) [flags] [options]',
  flags: [
    ...targetFlags,
    ...selectorFlags,
    allNamespacesFlag,
    { name: 'output', short: 'o', type: 'string', default: '', usage: 'Output format' },
    { name: 'watch', short: 'w', type: 'bool', usage: 'After listing/getting the requested object, watch for changes' },
    { name: 'watch-only', type: 'bool', usage: 'Watch for changes to the requested object(s), without listing/getting first' },
    { name: 'output-watch-events', type: 'bool', usage: 'Output watch event objects when --watch or --watch-only is used' },
    { name: 'no-headers', type: 'bool', usage: "Don't print headers" },
    { name: 'show-labels', type: 'bool', usage: 'Show all labels as the last column' },
    { name: 'show-kind', type: 'bool', usage: 'List the resource type for the requested object(s)' },
    { name: 'show-managed-fields', type: 'bool', usage: 'Keep the managedFields when printing objects in JSON or YAML format' },
    { name: 'label-columns', short: 'L', type: 'list', usage: 'Labels that are going to be presented as columns' },
    { name: 'sort-by', type: 'string', usage: 'Sort list types using this field specification' },
    { name: 'ignore-not-found', type: 'bool', usage: 'If set, treat "resource not found" as a successful retrieval' },
    { name: 'chunk-size', type: 'int', default: 500, usage: 'Return large lists in chunks' },
    { name: 'raw', type: 'string', usage: 'Raw URI to request from the server' },
  ],
  run: async context => {
    const { flags, io, client } = context
    const raw = flags.string('raw')
    if (raw !== undefined) {
      const text = await client.text(raw)
      io.stdout(text)
      return 0
    }
    const print = objectPrinter(flags.string('output') ?? '', { noHeaders: flags.bool('no-headers'), showManagedFields: flags.bool('show-managed-fields') })
    const files = flags.list('filename')
    let targets: Target[]
    if (files.length > 0) {
      targets = []
      for (const object of await readObjects(context, files)) {
        const resource = await resourceOf(context, object, files[0]!)
        namespaceFor(context, resource, object)
        targets.push({ resource, name: object.metadata.name })
      }
    } else targets = await parseTargets(context, flags.args)
    if (targets.some(target => target.name) && flags.bool('all-namespaces'))
      throw new KubectlError('error: a resource cannot be retrieved by name across all namespaces')
    if (targets.some(target => target.name) && (flags.string('selector') || flags.string('field-selector')))
      throw new KubectlError('error: name cannot be provided when a selector is specified')
    if (flags.bool('watch') || flags.bool('watch-only')) return watchTargets(context, targets, print)
    return print ? getObjects(context, targets, print) : getTables(context, targets)
  },
}
