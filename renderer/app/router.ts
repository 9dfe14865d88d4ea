import { useMemo, useSyncExternalStore } from 'react'

/**
 * Where the window is, kept in the address's hash (`#/nodes/mini-1?sort=cpu`), so that both hosts need no routes and Back
 * works. `path` is decoded; its first part names the page.
 */
export interface Route {
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const parseRoute = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2)
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) }
}

export const hrefOf = (path: readonly string[], query: Readonly<Record<string, string>> = {}): string => {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString()
  return `#/${path.map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`
}

export const useRoute = (): Route => {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return useMemo(() => parseRoute(hash), [hash])
}

export const navigate = (...path: readonly string[]): void => {
  location.hash = hrefOf(path)
}
