import { useQuery } from '@tanstack/react-query'
import { create } from 'zustand'
import type { ClusterEntry } from '../../shared/contract/contract.ts'
import { useLiveCluster } from '../live/clusters.ts'
import type { LiveCluster } from '../live/cluster.ts'
import { client } from '../rpc/client.ts'

const useChosen = create<{ readonly id: string | undefined }>(() => ({ id: undefined }))

/** Looks at another cluster, everywhere. */
export const chooseCluster = (id: string): void => useChosen.setState({ id })

/** The simulated homelab joins the list when it has started: until there is a cluster, the list is asked for this often. */
const STARTING_MS = 1_000

/** Every cluster in the list; asked again after adding or removing one. */
export const useClusters = () =>
  useQuery({ queryKey: ['clusters'], queryFn: () => client.clusters.list(), refetchInterval: query => (query.state.data?.length ? false : STARTING_MS) })

/** The cluster the window looks at: the chosen one, else the simulated homelab's, else the first. */
export const useCluster = (): { readonly entry: ClusterEntry | undefined; readonly live: LiveCluster } => {
  const chosen = useChosen(state => state.id)
  const { data = [] } = useClusters()
  const entry = data.find(({ id }) => id === chosen) ?? data.find(({ origin }) => origin === 'simulated') ?? data[0]
  return { entry, live: useLiveCluster(entry?.id) }
}
