import { createORPCClient, DynamicLink } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { contract } from '../../shared/contract/contract.ts'
import { readyLink } from './transport.ts'

export type Client = ContractRouterClient<typeof contract>

/** Everything the main process offers. A call made while the transport is down waits for it a little (see `readyLink`). */
export const client: Client = createORPCClient(new DynamicLink(readyLink))
