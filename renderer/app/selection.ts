import { useQuery } from '@tanstack/react-query'
import { create } from 'zustand'
import type { ClusterEntry } from '../../shared/contract/contract.ts'
import { useLiveCluster } from '../live/clusters.ts'
import type { LiveCluster } from '../live/cluster.ts'
import { client } from '../rpc/client.ts'

const useChosen = create<{ readonly id: string | undefined }>(() => ({ id: undefined }))

/** Looks at another cluster, everywhere. */
export const chooseCluster = (id: string): void => useChosen.setState({ id })

/** Every cluster in the list; asked again after adding or removing one, and now and then for their connections. */
export const useClusters = () => useQuery({ queryKey: ['clusters'], queryFn: () => client.clusters.list(), refetchInterval: 5_000 })

/** The cluster the window looks at: the chosen one, else the simulated homelab's, else the first. */
export const useCluster = (): { readonly entry: ClusterEntry | undefined; readonly live: LiveCluster } => {
  const chosen = useChosen(state => state.id)
  const { data = [] } = useClusters()
  const entry = data.find(({ id }) => id === chosen) ?? data.find(({ origin }) => origin === 'simulated') ?? data[0]
  return { entry, live: useLiveCluster(entry?.id) }
}
