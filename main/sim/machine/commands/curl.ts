import { FileError } from '../files/tree.ts'
import { DialError } from '../machine.ts'
import { type Command, readBytes } from './command.ts'
import { readOptions } from './options.ts'

const VALUED = [
  'o',
  'X',
  'H',
  'd',
  'm',
  'u',
  'A',
  'e',
  'T',
  'w',
  'K',
  'b',
  'c',
  'x',
  'output',
  'request',
  'header',
  'data',
  'data-raw',
  'data-binary',
  'max-time',
  'connect-timeout',
  'user',
  'cacert',
  'cert',
  'key',
  'write-out',
  'user-agent',
  'retry',
  'resolve',
  'url',
]
const KNOWN = [
  's',
  'S',
  'f',
  'L',
  'k',
  'i',
  'I',
  'v',
  'O',
  'g',
  'N',
  'J',
  'G',
  '4',
  '6',
  'silent',
  'show-error',
  'fail',
  'location',
  'insecure',
  'include',
  'head',
  'verbose',
  'remote-name',
  'compressed',
  'http1.1',
  'http2',
  'no-buffer',
  'ipv4',
  'tlsv1.2',
]

/** Until the kernel gives up asking the network who has an address: three questions, a second apart. */
const UNREACHABLE_MS = 3062

export const curl: Command = {
  name: 'curl',
  summary: 'transfer a URL',
  run: async (context, argv) => {
    const multiple = (...names: string[]) =>
      argv.flatMap((word, i) =>
        names.includes(word.replace(/^--?/, '')) && word.startsWith('-')
          ? [argv[i + 1] ?? '']
          : names.some(name => name.length === 1 && word.startsWith(`-${name}`) && word.length > 2 && !word.startsWith('--'))
            ? [word.slice(2)]
            : [],
      )
    const options = await readOptions(context, argv, KNOWN, VALUED)
    if (!options) return 2
    const { flags } = options
    const has = (...names: string[]) => names.some(name => flags.has(name))
    const value = (...names: string[]) => names.map(name => flags.get(name)).find(text => text !== undefined)
    const silent = has('s', 'silent')
    const fail = async (code: number, text: string) => {
      if (!silent || has('S', 'show-error')) await context.stderr.write(`curl: (${code}) ${text}\n`)
      return code
    }
    const given = value('url') ?? options.operands[0]
    if (given === undefined) {
      await context.stderr.write("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n")
      return 2
    }
    let url: URL
    try {
      url = new URL(/^[a-z]+:\/\//i.test(given) ? given : `http://${given}`)
    } catch {
      return fail(3, 'URL rejected: Malformed input to a URL function')
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return fail(1, `Protocol "${url.protocol.slice(0, -1)}" not supported`)
    const tls = url.protocol === 'https:'
    const port = Number(url.port || (tls ? 443 : 80))
    const host = url.hostname.replace(/^\[|\]$/g, '')
    let listener
    try {
      listener = context.machine.dial(host, port)
    } catch (error) {
      if (!(error instanceof DialError)) throw error
      if (error.code === 'ENOTFOUND') return fail(6, `Could not resolve host: ${host}`)
      const needed = error.code === 'EHOSTUNREACH' ? UNREACHABLE_MS : 0
      const allowed = Math.min(...[value('connect-timeout'), value('m', 'max-time')].map(seconds => (Number(seconds) > 0 ? Number(seconds) * 1000 : Infinity)))
      await context.clock.sleep(Math.min(needed, allowed), context.signal)
      if (allowed < needed) return fail(28, `Connection timed out after ${Math.round(allowed)} milliseconds`)
      return fail(7, `Failed to connect to ${host} port ${port} after ${needed} ms: Couldn't connect to server`)
    }
    if (!listener.http) return fail(listener.port === 22 ? 1 : 52, listener.port === 22 ? 'Received HTTP/0.9 when not allowed' : 'Empty reply from server')
    if (tls && !listener.tls) return fail(35, 'OpenSSL/3.0.13: error:0A00010B:SSL routines::wrong version number')
    if (!tls && listener.tls) {
      await context.stdout.write('Client sent an HTTP request to an HTTPS server.\n')
      return 0
    }
    if (tls && !has('k', 'insecure') && !flags.has('cacert')) {
      await fail(60, 'SSL certificate problem: unable to get local issuer certificate')
      if (!silent || has('S', 'show-error'))
        await context.stderr.write(
          'More details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.\n',
        )
      return 60
    }
    const headers: Record<string, string> = { host: url.host, 'user-agent': value('A', 'user-agent') ?? 'curl/8.5.0', accept: '*/*' }
    for (const header of multiple('H', 'header')) {
      const colon = header.indexOf(':')
      if (colon > 0) headers[header.slice(0, colon).toLowerCase()] = header.slice(colon + 1).trim()
    }
    const login = value('u', 'user')
    if (login) headers['authorization'] = `Basic ${Buffer.from(login).toString('base64')}`
    try {
      if (flags.has('cert')) headers[':client-certificate'] = Buffer.from(context.fs.readFile(flags.get('cert')!)).toString('base64')
      const data = value('d', 'data', 'data-raw', 'data-binary')
      const body =
        data === undefined
          ? undefined
          : data === '@-'
            ? await readBytes(context.stdin)
            : data.startsWith('@') && !flags.has('data-raw')
              ? context.fs.readFile(data.slice(1))
              : Buffer.from(multiple('d', 'data', 'data-raw', 'data-binary').join('&') || data)
      if (body && !headers['content-type']) headers['content-type'] = 'application/x-www-form-urlencoded'
      const method = value('X', 'request') ?? (has('I', 'head') ? 'HEAD' : body ? 'POST' : 'GET')
      const limit = new AbortController()
      const seconds = Number(value('m', 'max-time'))
      const cancel = seconds > 0 ? context.clock.after(seconds * 1000, () => limit.abort(new Error('timed out'))) : undefined
      let received = 0
      try {
        const response = await listener.http.request({
          method,
          path: url.pathname + url.search,
          headers,
          ...(body && { body }),
          signal: AbortSignal.any([context.signal, limit.signal]),
        })
        if (has('f', 'fail') && response.status >= 400) return await fail(22, `The requested URL returned error: ${response.status}`)
        const target = has('O', 'remote-name') ? url.pathname.split('/').at(-1) || 'curl_response' : value('o', 'output')
        if (target !== undefined && target !== '-' && target !== '/dev/null') context.fs.writeFile(target, '')
        if (has('i', 'include', 'I', 'head'))
          await context.stdout.write(
            `HTTP/2 ${response.status} \r\n${Object.entries(response.headers)
              .map(([name, text]) => `${name}: ${text}\r\n`)
              .join('')}\r\n`,
          )
        if (method !== 'HEAD')
          for await (const chunk of response.body) {
            received += chunk.length
            if (target === undefined || target === '-') await context.stdout.write(chunk)
            else if (target !== '/dev/null') context.fs.appendFile(target, chunk)
          }
        const format = value('w', 'write-out')
        if (format !== undefined)
          await context.stdout.write(
            format
              .replaceAll('%{http_code}', String(response.status))
              .replaceAll('%{response_code}', String(response.status))
              .replaceAll('%{size_download}', String(received))
              .replaceAll('%{url_effective}', url.href)
              .replaceAll('\\n', '\n')
              .replaceAll('\\t', '\t'),
          )
        return 0
      } catch (error) {
        if (limit.signal.aborted) return await fail(28, `Operation timed out after ${seconds * 1000} milliseconds with ${received} bytes received`)
        if ((error as { code?: string }).code === 'ECONNREFUSED')
          return await fail(7, `Failed to connect to ${host} port ${port} after 0 ms: Couldn't connect to server`)
        throw error
      } finally {
        cancel?.()
      }
    } catch (error) {
      if (error instanceof FileError)
        return fail(
          error.code === 'ENOENT' ? 26 : 23,
          error.code === 'ENOENT' ? 'Failed to open/read local data from file/application' : 'Failure writing output to destination',
        )
      throw error
    }
  },
}

export const wget: Command = {
  name: 'wget',
  summary: 'the non-interactive network downloader',
  run: async (context, argv) => {
    const url = argv.slice(1).find(word => !word.startsWith('-'))
    if (url === undefined) {
      await context.stderr.write("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n")
      return 1
    }
    const host = (/^(?:[a-z]+:\/\/)?([^/:]+)/.exec(url)?.[1] ?? url).replace(/^.*@/, '')
    if (context.machine.resolve(host) === undefined) {
      await context.stderr.write(
        `Resolving ${host} (${host})... failed: Temporary failure in name resolution.\nwget: unable to resolve host address ‘${host}’\n`,
      )
      return 4
    }
    const output = argv[argv.findIndex(word => word === '-O' || word === '-qO') + 1]
    const toStdout = argv.some(word => word === '-O-' || word === '-qO-') || ((argv.includes('-O') || argv.includes('-qO')) && output === '-')
    const status = await context.run([
      'curl',
      '-sSfL',
      ...(argv.includes('--no-check-certificate') ? ['-k'] : []),
      ...(toStdout ? [] : argv.includes('-O') || argv.includes('-qO') ? ['-o', output!] : ['-o', url.split('/').at(-1) || 'index.html']),
      url,
    ])
    return status === 0 ? 0 : status === 22 ? 8 : 4
  },
}
