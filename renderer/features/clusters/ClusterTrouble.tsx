import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import type { ClusterStatus } from '../../live/cluster.ts'

/** Why the cluster in view is not in step, if so. What was seen before stays in view under it. */
export const ClusterTrouble = ({ status }: { readonly status: ClusterStatus }) => {
  const connection = status.entry?.connection
  const error = connection?.state === 'failed' ? connection.error : connection?.state === 'connected' ? undefined : status.error
  return error ? <ErrorNotice error={error} /> : null
}
