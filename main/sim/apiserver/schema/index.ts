export { decodeBody, type DecodedBody, type Expected, JSON_TYPE, mediaType, parseBody, PROTOBUF_TYPE, YAML_TYPE } from './body.ts'
export { type Decoded, decodeStrict } from './decode.ts'
export { type Parsed, SyntaxFault } from './json.ts'
export { createOpenApi, type OpenApi, OPENAPI_V2_TYPE, openapiV2 } from './openapi.ts'
