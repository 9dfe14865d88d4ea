import { useEffect, useRef, useState } from 'react'
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { searchColours } from './colours.ts'
import { sessionOf } from './session.ts'
import { setSearching } from './store.ts'

/** Looks for text in a pane's buffer: Enter for the next place, Shift+Enter for the one before, Esc to leave. */
export const SearchBar = ({ paneId }: { readonly paneId: string }) => {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const [matchCase, setMatchCase] = useState(false)
  const [found, setFound] = useState<{ index: number; count: number }>()
  const field = useRef<HTMLInputElement>(null)
  const screen = sessionOf(paneId)?.screen

  useEffect(() => {
    field.current?.focus()
    const listening = screen?.search.onDidChangeResults(({ resultIndex, resultCount }) => setFound({ index: resultIndex, count: resultCount }))
    return () => {
      listening?.dispose()
      screen?.search.clearDecorations()
    }
  }, [screen])

  const look = (wanted: string, direction: 'next' | 'previous', incremental = false) => {
    const options = { caseSensitive: matchCase, incremental, decorations: searchColours() }
    if (wanted === '') {
      screen?.search.clearDecorations()
      setFound(undefined)
    } else if (direction === 'next') screen?.search.findNext(wanted, options)
    else screen?.search.findPrevious(wanted, options)
  }
  const leave = () => {
    setSearching(false)
    screen?.terminal.focus()
  }

  return (
    <div
      className="dock-search"
      role="search"
      aria-label={t('terminal.search')}
      onKeyDown={event => {
        if (event.key === 'Escape') leave()
      }}
    >
      <input
        ref={field}
        type="text"
        aria-label={t('terminal.search')}
        placeholder={t('terminal.searchPlaceholder')}
        spellCheck={false}
        value={text}
        onChange={event => {
          setText(event.target.value)
          look(event.target.value, 'next', true)
        }}
        onKeyDown={event => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) look(text, event.shiftKey ? 'previous' : 'next')
        }}
      />
      <span className="dock-found numbers" role="status">
        {text !== '' && found ? (found.count === 0 ? t('terminal.searchNone') : t('terminal.searchFound', { index: found.index + 1, count: found.count })) : ''}
      </span>
      <button
        type="button"
        className="dock-key"
        aria-pressed={matchCase}
        aria-label={t('terminal.matchCase')}
        title={t('terminal.matchCase')}
        onClick={() => setMatchCase(!matchCase)}
      >
        Aa
      </button>
      <button
        type="button"
        className="dock-key"
        aria-label={t('terminal.searchPrevious')}
        title={t('terminal.searchPrevious')}
        onClick={() => look(text, 'previous')}
      >
        <IconArrowUp size={15} aria-hidden />
      </button>
      <button type="button" className="dock-key" aria-label={t('terminal.searchNext')} title={t('terminal.searchNext')} onClick={() => look(text, 'next')}>
        <IconArrowDown size={15} aria-hidden />
      </button>
      <button type="button" className="dock-key" aria-label={t('terminal.searchClose')} title={t('terminal.searchClose')} onClick={leave}>
        <IconX size={15} aria-hidden />
      </button>
    </div>
  )
}
