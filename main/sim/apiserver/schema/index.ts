export { decodeBody, type Expected, mediaType, parseBody } from './body.ts'
export { decodeStrict } from './decode.ts'
