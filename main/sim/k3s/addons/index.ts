import type { Addon } from './addon.ts'
import { coredns } from './coredns.ts'
import { localStorage } from './local-storage.ts'
import { metricsServer } from './metrics-server.ts'

/** What the deploy controller applies, in the order in which it finds the files. */
export const addons: readonly Addon[] = [coredns, localStorage, ...metricsServer]
