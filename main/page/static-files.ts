import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { extname, join, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}

export interface StaticFile {
  readonly body: Buffer
  readonly type: string
  readonly etag: string
  /** Its name carries a hash of its content, so that it never changes. */
  readonly immutable: boolean
}

/**
 * The file below `root` that a URL's path means; a path without an extension is a page of the app and means
 * `index.html`. Undefined when there is none, and for every path that leads outside.
 */
export const staticFiles = (root: string): ((path: string) => StaticFile | undefined) => {
  const known = new Map<string, { readonly modified: number; readonly file: StaticFile }>()
  return path => {
    let name: string
    try {
      name = decodeURIComponent(path)
    } catch {
      return undefined
    }
    // What a browser sends is already resolved; whoever sends more is not one.
    if (/[\\\0]/.test(name) || name.split('/').some(part => part === '..' || part.startsWith('.'))) return undefined
    const extension = extname(name)
    const file = join(root, extension === '' ? 'index.html' : name)
    const type = TYPES[extension === '' ? '.html' : extension]
    if (!file.startsWith(root + sep) || type === undefined) return undefined
    try {
      const stat = statSync(file)
      if (!stat.isFile()) return undefined
      const cached = known.get(file)
      if (cached?.modified === stat.mtimeMs) return cached.file
      const body = readFileSync(file)
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
      const read = { body, type, etag, immutable: name.startsWith('/assets/') }
      known.set(file, { modified: stat.mtimeMs, file: read })
      return read
    } catch {
      return undefined
    }
  }
}
