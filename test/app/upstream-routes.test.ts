import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { definition } from '../../service/definition/index.ts';

const WIRING = new URL('../../service/app/create-app.ts', import.meta.url);

test('the routes that the definition says to call the upstream are those whose handlers are given it', () => {
  const declared = Object.entries(definition.prod.routes).flatMap(([id, { upstream }]) => (upstream ? [id] : []));
  // What answers for models is given as a whole.
  const models = ['batch', 'chat', 'embeddings', 'responses'];
  expect([...models, ...handlersGiven('upstream')].sort()).toEqual(declared.sort());
});

/** Names in the table of handlers whose making is handed something of that name. */
function handlersGiven(name: string): string[] {
  const source = ts.createSourceFile('create-app.ts', readFileSync(WIRING, 'utf8'), ts.ScriptTarget.Latest, true);
  const given: string[] = [];
  const mentions = (node: ts.Node): boolean =>
    (ts.isIdentifier(node) && node.text === name) || node.getChildren().some(mentions);
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression && ts.isObjectLiteralExpression(node.expression)) {
      for (const row of node.expression.properties) {
        if (ts.isPropertyAssignment(row) && mentions(row.initializer)) given.push(row.name.getText());
      }
    }
    node.forEachChild(visit);
  };
  visit(source);
  return given;
}
