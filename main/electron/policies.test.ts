import { describe, expect, it } from 'vitest'
import { allowsPermission, decideLink, sameOrigin, WEB_PREFERENCES } from './policies.ts'

describe('the page', () => {
  it.each([
    ['app://lab/', true], ['app://lab', true], ['app://lab/nodes/mini-1?x#y', true],
    ['app://lab.evil/', false], ['app://lab:80/', false], ['app://user@lab/', false], ['app://other/', false], ['https://lab/', false], ['file:///etc/passwd', false], ['about:blank', false], ['', false], ['lab', false],
  ])('%s is ours: %s', (url, ours) => expect(sameOrigin(url)).toBe(ours)) // prettier-ignore

  it('may write to the clipboard, and nothing else', () => {
    expect(allowsPermission('clipboard-sanitized-write', 'app://lab/')).toBe(true)
    expect(allowsPermission('clipboard-sanitized-write', 'https://evil.example/')).toBe(false)
    for (const permission of [
      'clipboard-read',
      'media',
      'geolocation',
      'notifications',
      'midiSysex',
      'openExternal',
      'fileSystem',
      'hid',
      'serial',
      'usb',
      'toString',
      '__proto__',
      '',
    ]) {
      expect(allowsPermission(permission, 'app://lab/')).toBe(false)
    }
  })

  it('runs without Node and in its box', () => {
    expect(WEB_PREFERENCES).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false })
  })
})

describe('links out of the app', () => {
  it.each([
    ['https://kubernetes.io/docs/', 'open'], ['https://docs.k3s.io/', 'open'],
    ['https://example.org/', 'ask'], ['https://kubernetes.io.evil.example/', 'ask'], ['https://kubernetes.io:8443/', 'ask'],
    ['http://kubernetes.io/', 'refuse'], ['https://user:pass@kubernetes.io/', 'refuse'], ['file:///etc/passwd', 'refuse'], ['javascript:alert(1)', 'refuse'],
    ['ssh://host', 'refuse'], ['ms-msdt:/id', 'refuse'], ['smb://server/share', 'refuse'], ['not a url', 'refuse'], ['', 'refuse'],
  ])('%s: %s', (link, decision) => expect(decideLink(link).decision).toBe(decision)) // prettier-ignore
})
