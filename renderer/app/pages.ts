import { type Icon, IconDeviceDesktopAnalytics, IconDeviceLaptop, IconSchool, IconSettings, IconStack2, IconTopologyStar3 } from '@tabler/icons-react'
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import { patiently } from '../rpc/patiently.ts'
import NodesPage from '../features/nodes/NodesPage.tsx'

export const PAGES = ['nodes', 'workloads', 'labs', 'clusters', 'laptop', 'settings'] as const
export type PageName = (typeof PAGES)[number]

export const pageIcons: Readonly<Record<PageName, Icon>> = {
  nodes: IconDeviceDesktopAnalytics,
  workloads: IconStack2,
  labs: IconSchool,
  clusters: IconTopologyStar3,
  laptop: IconDeviceLaptop,
  settings: IconSettings,
}

type Lazy = LazyExoticComponent<ComponentType>
const page = (load: () => Promise<{ default: ComponentType }>): Lazy => lazy(() => patiently(load))

const loaders = {
  workloads: () => import('../features/workloads/WorkloadsPage.tsx'),
  node: () => import('../features/nodes/NodePage.tsx'),
  machine: () => import('../features/machines/MachinePage.tsx'),
  labs: () => import('../features/labs/LabsPage.tsx'),
  clusters: () => import('../features/clusters/ClustersPage.tsx'),
  laptop: () => import('../features/laptop/LaptopPage.tsx'),
  settings: () => import('../features/settings/SettingsPage.tsx'),
} as const

const pages = Object.fromEntries(Object.entries(loaders).map(([name, load]) => [name, page(load)])) as Readonly<Record<keyof typeof loaders, Lazy>>

/** The page a path leads to, and which entry of the navigation it belongs under. What is unknown leads to the nodes. */
export const pageAt = (path: readonly string[]): { readonly name: PageName; readonly Page: ComponentType } => {
  const [first, second] = path
  switch (first) {
    case 'nodes':
      return second === undefined ? { name: 'nodes', Page: NodesPage } : { name: 'nodes', Page: pages.node }
    case 'machines':
      return { name: 'nodes', Page: pages.machine }
    case 'workloads':
    case 'labs':
    case 'clusters':
    case 'laptop':
    case 'settings':
      return { name: first, Page: pages[first] }
    default:
      return { name: 'nodes', Page: NodesPage }
  }
}

/** Loads the other pages' code while nobody waits for it. */
export const preloadPages = (): void => {
  // A failure is no news here: the page is loaded again when it is wanted.
  for (const load of Object.values(loaders)) load().catch(() => undefined)
}
