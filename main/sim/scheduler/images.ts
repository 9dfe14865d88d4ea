import type { Node } from '../apiserver/resources/types.ts'

/** An image and the nodes that have it. */
export interface Image {
  readonly sizeBytes: number
  readonly nodes: ReadonlySet<string>
}

/** Which images are on which nodes. */
export interface ImageCatalogue {
  has(name: string): boolean
  /** The node's images, shared with the other nodes that have them. */
  add(node: Node): ReadonlyMap<string, Image>
  remove(node: Node): void
}

export const imageCatalogue = (): ImageCatalogue => {
  const images = new Map<string, { readonly sizeBytes: number; readonly nodes: Set<string> }>()
  return {
    has: name => images.has(name),
    add: node => {
      const own = new Map<string, Image>()
      for (const { names, sizeBytes } of node.status.images ?? [])
        for (const name of names ?? []) {
          let image = images.get(name)
          if (!image) images.set(name, (image = { sizeBytes: sizeBytes ?? 0, nodes: new Set() }))
          image.nodes.add(node.metadata.name)
          own.set(name, image)
        }
      return own
    },
    remove: node => {
      for (const { names } of node.status.images ?? [])
        for (const name of names ?? []) {
          const image = images.get(name)
          image?.nodes.delete(node.metadata.name)
          if (image?.nodes.size === 0) images.delete(name)
        }
    },
  }
}
