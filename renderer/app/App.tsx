import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { transport } from '../rpc/transport.ts'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { Frame } from './Frame.tsx'
import { rememberedSettings } from './preferences.ts'
import { theme, variables } from './theme.ts'

const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, networkMode: 'always' }, mutations: { networkMode: 'always' } },
})
// What was asked while the connection was down is asked again.
transport.subscribe(() => transport.get() === 'open' && void queries.invalidateQueries())

export const App = () => (
  <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme={rememberedSettings().colorScheme}>
    <QueryClientProvider client={queries}>
      <Notifications position="top-right" limit={4} />
      <ErrorBoundary>
        <Frame />
      </ErrorBoundary>
    </QueryClientProvider>
  </MantineProvider>
)
