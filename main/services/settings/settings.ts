import { settings as settingsSchema, type Settings } from '../../../shared/contract/contract.ts'
import type { SettingsDatabase } from './database.ts'

const DEFAULTS: Settings = { locale: 'ko', colorScheme: 'auto' }

export interface SettingsService {
  read(): Settings
  save(settings: Settings): Settings
}

/** The user's choices. What an older version stored and no longer fits falls back to the defaults. */
export const settingsService = (database: SettingsDatabase): SettingsService => ({
  read: () => settingsSchema.catch(DEFAULTS).parse({ ...DEFAULTS, ...(database.read('settings', 'user') as object | undefined) }),
  save: settings => {
    database.write('settings', 'user', settings)
    return settings
  },
})
