import type { Impersonation } from './access/impersonation.ts'
import type { ResourceDefinition } from './definition.ts'
import type { KubeObject } from './object.ts'

/** Who asks, as authentication found out (authentication.k8s.io/v1 UserInfo). */
export interface User {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What is asked, as authorization sees it. For paths that are no resource, `resource` is empty and `verb` is the method. */
export interface Attributes {
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
}

/** What a client showed to prove who it is. */
export interface Credentials {
  /** Subject of a client certificate that our client CA signed and that is valid now. */
  readonly certificate?: {
    readonly commonName: string
    readonly organizations: readonly string[]
    /** SHA-256, in hexadecimal. */ readonly fingerprint?: string
  }
  /** A client certificate was shown, but it is not one to trust. */
  readonly badCertificate?: boolean
  readonly bearerToken?: string
}

/**
 * What a request does, in the steps that the stages call. A verb is one plan (registry/*.ts): it fills `old` and
 * `candidate` of the context, and `commit` gives the answer. Steps that a verb does not need are absent.
 */
export interface Plan {
  /** For admission: absent for what does not write. */
  readonly operation?: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  /** Decodes and defaults: sets `candidate`, and `old` where there is one. */
  readonly draft?: (context: RequestContext) => void
  /** Resets what clients may not set, after mutating admission. */
  readonly prepare?: (context: RequestContext) => void
  /** Throws ApiError 422. */
  readonly validate?: (context: RequestContext) => void
  /** Reads or writes; its result is the answer. */
  readonly commit: (context: RequestContext) => unknown
}

/** One request on its way through the pipeline. */
export interface RequestContext {
  readonly id: number
  readonly attributes: Attributes
  readonly credentials: Credentials | undefined
  readonly impersonation: Impersonation | undefined
  /** Set by authentication; for in-process clients from the start. */
  user: User | undefined
  readonly definition: ResourceDefinition | undefined
  readonly plan: Plan
  readonly options: WriteOptions
  /** Go out as `Warning:` headers. */
  readonly warnings: string[]
  /** What stands in the store, for updates and deletes. */
  old: KubeObject | undefined
  /** What is going to be stored. Nobody else holds it before `commit`. */
  candidate: KubeObject | undefined
  /** HTTP status of the answer. */
  code: number
  answer: unknown
  /** Gives back what was allocated, when the request fails after all. */
  rollback: (() => void) | undefined
}

export interface WriteOptions {
  readonly dryRun: boolean
  readonly fieldManager: string
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict'
}

/** What a stage had to say about a request. */
export interface TraceStage {
  readonly stage: string
  /** Wall time in milliseconds since the epoch. */
  readonly startedAt: number
  readonly verdict: 'passed' | 'refused'
  /** One line: the user found, the rule that allowed, what a plugin changed, the refusal's text. */
  readonly detail?: string
}

export interface TraceRecord {
  readonly id: number
  readonly verb: string
  readonly path: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly user: string
  readonly stages: readonly TraceStage[]
  readonly code: number
  /** The revision that the request made, if it wrote. */
  readonly resourceVersion?: string
}
