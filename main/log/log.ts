import { join } from 'node:path'
import pino from 'pino'
import { redact } from './redact.ts'
import { rotatedFile } from './rotated-file.ts'

export interface Log {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void
  error(message: string, facts?: Readonly<Record<string, unknown>>): void
  /** A log whose lines carry `part` as their part. */
  part(part: string): Log
  dispose(): void
}

/** Writes JSON lines to `logs/k3lab.log` below the data directory, without secrets. */
export const fileLog = (directory: string): Log => {
  const file = rotatedFile(join(directory, 'k3lab.log'))
  const wrap = (logger: pino.Logger): Log => ({
    info: (message, facts = {}) => logger.info(facts, message),
    warn: (message, facts = {}) => logger.warn(facts, message),
    error: (message, facts = {}) => logger.error(facts, message),
    part: part => wrap(logger.child({ part })),
    dispose: () => file.dispose(),
  })
  const options: pino.LoggerOptions = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: level => ({ level }) },
    serializers: { error: pino.stdSerializers.err },
  }
  return wrap(pino(options, { write: line => file.write(redact(line)) }))
}

/** Writes nothing: for commands that only read. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {}, part: () => silentLog, dispose: () => {} }
