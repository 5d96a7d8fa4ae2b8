/**
 * Bodies of questions to models. Fields that are not here pass through: the interfaces of providers grow faster than a
 * list of ours could.
 */

const name = { type: 'string', minLength: 1, maxLength: 100 };
/** The largest answer of any model, and then some. */
const tokens = { type: ['integer', 'null'], minimum: 1, maximum: 10_000_000 };
const text = { type: 'string' };
const parts = {
  type: 'array',
  maxItems: 1_000,
  items: { type: 'object', properties: { type: { type: 'string', minLength: 1, maxLength: 50 } }, required: ['type'] },
};
const tool = {
  type: 'object',
  properties: {
    type: { type: 'string', minLength: 1, maxLength: 50 },
    function: {
      type: 'object',
      properties: { name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' }, parameters: { type: 'object' } },
      required: ['name'],
    },
  },
  required: ['type'],
};
const common = {
  model: name,
  stream: { type: ['boolean', 'null'] },
  temperature: { type: ['number', 'null'], minimum: 0, maximum: 2 },
  top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
  tools: { type: ['array', 'null'], maxItems: 128, items: tool },
};

/** `POST /v1/chat/completions`. */
export const chat = {
  type: 'object',
  properties: {
    ...common,
    messages: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: {
        type: 'object',
        properties: {
          role: { type: 'string', minLength: 1, maxLength: 50 },
          content: { anyOf: [text, parts, { type: 'null' }] },
        },
        required: ['role'],
      },
    },
    n: { type: ['integer', 'null'], minimum: 1, maximum: 128 },
    max_tokens: tokens,
    max_completion_tokens: tokens,
    stream_options: { type: ['object', 'null'], properties: { include_usage: { type: 'boolean' } } },
    stop: { anyOf: [text, { type: 'array', maxItems: 16, items: text }, { type: 'null' }] },
    seed: { type: ['integer', 'null'] },
  },
  required: ['model', 'messages'],
};

/** `POST /v1/responses`. */
export const responses = {
  type: 'object',
  properties: {
    ...common,
    tools: { type: ['array', 'null'], maxItems: 128, items: { type: 'object' } },
    input: { anyOf: [text, { type: 'array', maxItems: 1_000, items: { type: 'object' } }] },
    max_output_tokens: tokens,
  },
  required: ['model', 'input'],
};

/** `POST /v1/embeddings`. */
export const embeddings = {
  type: 'object',
  properties: {
    model: name,
    input: {
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', minItems: 1, maxItems: 2_048, items: { type: 'string', minLength: 1 } },
        { type: 'array', minItems: 1, maxItems: 8_192, items: { type: 'integer', minimum: 0 } },
        {
          type: 'array',
          minItems: 1,
          maxItems: 2_048,
          items: { type: 'array', minItems: 1, maxItems: 8_192, items: { type: 'integer', minimum: 0 } },
        },
      ],
    },
    encoding_format: { enum: ['float', 'base64'] },
    dimensions: { type: 'integer', minimum: 1, maximum: 100_000 },
  },
  required: ['model', 'input'],
};

/** Questions of one batch. */
const MAX_BATCH = 100;

/** `POST /v1/batch`: chats, none of them a stream. */
export const batch = {
  type: 'object',
  properties: {
    requests: {
      type: 'array',
      minItems: 1,
      maxItems: MAX_BATCH,
      items: { ...chat, properties: { ...chat.properties, stream: { enum: [false, null] } } },
    },
  },
  required: ['requests'],
  additionalProperties: false,
};
