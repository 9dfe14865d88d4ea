import { whenOpen } from './transport.ts'

const ATTEMPTS = 4
const PAUSE_MS = 400

const never = new AbortController().signal

/**
 * Loads a part of the renderer that is fetched when first wanted. While the host is away that fails, and what failed
 * would stay failed (React keeps the result of a lazy component), so it is tried again once the host is back.
 */
export const patiently = async <T>(load: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await load()
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
      await whenOpen(never)
    }
  }
}
