import { Component, type ReactNode } from 'react'
import { ErrorNotice } from '../components/ErrorNotice.tsx'

/** Shows a failure of a page in its place, instead of an empty window. A new `at` (another page) starts afresh. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode; readonly at?: string }, { readonly error?: unknown; readonly at?: string }> {
  override state: { readonly error?: unknown; readonly at?: string } = {}

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  static getDerivedStateFromProps(props: { readonly at?: string }, state: { readonly at?: string }) {
    return props.at === state.at ? null : { at: props.at, error: undefined }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return (
      <div style={{ padding: 24, maxWidth: 640 }}>
        <ErrorNotice error={this.state.error} onRetry={() => this.setState({ error: undefined })} />
      </div>
    )
  }
}
