import { MAX_NODE_SCORE } from '../framework.ts'
import type { Plugin } from '../framework.ts'

const MIB = 1024 ** 2
/** Less than this is pulled in no time; more than this per container makes no difference any more. */
const MIN_BYTES = 23 * MIB
const MAX_BYTES_PER_CONTAINER = 1000 * MIB

/** A name without tag means `:latest`. */
const normalizedImage = (name: string): string => (name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name)

/** Prefers nodes that have the pod's images, the more so the more nodes have them. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  preScore: ({ pod }, _nodes, cluster) => {
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
    const images = containers.map(({ image }) => normalizedImage(image ?? '')).filter(image => cluster.hasImage(image))
    const maxBytes = MAX_BYTES_PER_CONTAINER * containers.length
    const nodeCount = cluster.nodes.length
    return {
      score: node => {
        let sum = 0
        for (const image of images) {
          const found = node.images.get(image)
          if (found) sum += Math.trunc(found.sizeBytes * (node.imageSpread.get(image)! / nodeCount))
        }
        const bytes = Math.min(Math.max(sum, MIN_BYTES), maxBytes)
        return Math.trunc((MAX_NODE_SCORE * (bytes - MIN_BYTES)) / (maxBytes - MIN_BYTES))
      },
    }
  },
}
