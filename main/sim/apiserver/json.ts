/**
 * A deep copy of plain JSON data; several times faster than structuredClone, which minds what JSON cannot hold.
 * Spreading an object keeps its layout, which is both faster and smaller than building it member by member.
 */
export const cloneJson = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const copy: unknown[] = value.slice()
    for (let i = 0; i < copy.length; i++) if (typeof copy[i] === 'object') copy[i] = cloneJson(copy[i])
    return copy as T
  }
  const copy = { ...value } as Record<string, unknown>
  for (const key in copy) {
    const member = copy[key]
    if (typeof member === 'object') {
      if (member !== null) copy[key] = cloneJson(member)
    } else if (member === undefined) return cloneDefined(value as Record<string, unknown>) as T
  }
  return copy as T
}

/** What is undefined would not be there in JSON either. */
const cloneDefined = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.keys(value).flatMap(key => (value[key] === undefined ? [] : [[key, cloneJson(value[key])]])))

/** True when two JSON values say the same; members that are undefined count as absent. */
export const equalJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!equalJson(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  let members = 0
  for (const key in a) {
    const left = (a as Record<string, unknown>)[key]
    if (left === undefined) continue
    members++
    if (!equalJson(left, (b as Record<string, unknown>)[key])) return false
  }
  for (const key in b) if ((b as Record<string, unknown>)[key] !== undefined) members--
  return members === 0
}

/** True for `{…}`: neither null, nor an array, nor a primitive. */
export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
