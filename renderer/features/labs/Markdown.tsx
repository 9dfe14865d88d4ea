import { Fragment, type ReactNode, useState } from 'react'
import { IconCheck, IconCopy, IconTerminal2 } from '@tabler/icons-react'
import { Lexer, lexer, type Token, type Tokens } from 'marked'
import { useTranslation } from 'react-i18next'
import { insertIntoTerminal } from '../terminal/store.ts'

/** What may be offered beside a command in the text. */
export type RunHint = 'none' | 'copy' | 'insert'

/** Markdown as React elements, token by token: raw HTML is shown as the text it is, so nothing needs to be sanitised. */
export const Markdown = ({ text, runHint = 'copy' }: { readonly text: string; readonly runHint?: RunHint }) => (
  <div className="lab-prose">
    <Blocks tokens={lexer(text)} runHint={runHint} />
  </div>
)

/** One line of Markdown, for a label. */
export const MarkdownLine = ({ text }: { readonly text: string }) => <span className="lab-prose-line">{inline(Lexer.lexInline(text))}</span>

const Blocks = ({ tokens, runHint }: { readonly tokens: readonly Token[]; readonly runHint: RunHint }): ReactNode =>
  tokens.map((token, index) => <Fragment key={index}>{block(token, runHint)}</Fragment>)

const block = (token: Token, runHint: RunHint): ReactNode => {
  switch (token.type) {
    case 'space':
    case 'def':
      return null
    case 'heading': {
      const Heading = (token as Tokens.Heading).depth < 3 ? 'h4' : 'h5'
      return <Heading>{inline(token.tokens)}</Heading>
    }
    case 'paragraph':
      return <p>{inline(token.tokens)}</p>
    case 'text':
      return token.tokens ? inline(token.tokens) : decoded(token.text)
    case 'code':
      return <CodeBlock code={token.text} language={(token as Tokens.Code).lang ?? ''} runHint={runHint} />
    case 'blockquote':
      return (
        <blockquote>
          <Blocks tokens={token.tokens ?? []} runHint={runHint} />
        </blockquote>
      )
    case 'list': {
      const { ordered, start, items } = token as Tokens.List
      const entries = items.map((item, index) => (
        <li key={index}>
          <Blocks tokens={item.tokens} runHint={runHint} />
        </li>
      ))
      return ordered ? <ol start={start === '' ? 1 : start}>{entries}</ol> : <ul>{entries}</ul>
    }
    case 'table': {
      const { header, rows } = token as Tokens.Table
      return (
        <div className="lab-table" role="region" tabIndex={0} aria-label={header.map(cell => cell.text).join(', ')}>
          <table>
            <thead>
              <tr>
                {header.map((cell, index) => (
                  <th key={index} scope="col">
                    {inline(cell.tokens)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, column) => (
                    <td key={column}>{inline(cell.tokens)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )
    }
    case 'hr':
      return <hr />
    default:
      return <p>{token.raw}</p>
  }
}

const inline = (tokens: readonly Token[] | undefined): ReactNode => (tokens ?? []).map((token, index) => <Fragment key={index}>{span(token)}</Fragment>)

const span = (token: Token): ReactNode => {
  switch (token.type) {
    case 'strong':
      return <strong>{inline(token.tokens)}</strong>
    case 'em':
      return <em>{inline(token.tokens)}</em>
    case 'del':
      return <del>{inline(token.tokens)}</del>
    case 'codespan':
      return <code>{decoded(token.text)}</code>
    case 'br':
      return <br />
    case 'link':
      return /^https?:\/\//.test((token as Tokens.Link).href) ? (
        <a href={(token as Tokens.Link).href} target="_blank" rel="noopener noreferrer">
          {inline(token.tokens)}
        </a>
      ) : (
        inline(token.tokens)
      )
    case 'text':
    case 'escape':
      return token.type === 'text' && token.tokens ? inline(token.tokens) : decoded(token.text)
    default:
      return token.raw
  }
}

const entities: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'" }
/** Marked escapes the text of some tokens for HTML; React escapes again. */
const decoded = (text: string) => text.replace(/&(?:lt|gt|amp|quot|#39);/g, entity => entities[entity]!)

const CodeBlock = ({ code, language, runHint }: { readonly code: string; readonly language: string; readonly runHint: RunHint }) => {
  const { t } = useTranslation()
  const [done, setDone] = useState<'copied' | 'inserted' | 'noTerminal'>()
  const command = ['sh', 'bash', 'console', 'yaml'].includes(language)
  return (
    <div className="lab-code">
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
      {command && runHint !== 'none' && (
        <div className="lab-code-keys">
          <button
            type="button"
            aria-label={t('labs.copy')}
            title={t('labs.copy')}
            onClick={() => void navigator.clipboard.writeText(code).then(() => setDone('copied'))}
          >
            {done === 'copied' ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
          </button>
          {runHint === 'insert' && language !== 'yaml' && (
            <button
              type="button"
              aria-label={t('labs.insert')}
              title={t('labs.insert')}
              onClick={() => setDone(insertIntoTerminal(code) ? 'inserted' : 'noTerminal')}
            >
              {done === 'inserted' ? <IconCheck size={15} aria-hidden /> : <IconTerminal2 size={15} aria-hidden />}
            </button>
          )}
        </div>
      )}
      <span className="unseen" role="status">
        {done && t(`labs.${done}`)}
      </span>
    </div>
  )
}
