// Prunes the types of operators' objects to what rendered objects reach. Reads objects.ts, writes schemas.json.
import fs from "node:fs";
import ts from "typescript";

const options = {
  noEmit: true,
  skipLibCheck: true,
  strictNullChecks: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
};
const program = ts.createProgram(["objects.ts"], options);
const mistakes = ts.getPreEmitDiagnostics(program);
if (mistakes.length) {
  console.error(ts.formatDiagnostics(mistakes, { getCanonicalFileName: (f) => f, getCurrentDirectory: () => ".", getNewLine: () => "\n" }));
  process.exit(1);
}
const checker = program.getTypeChecker();
const found = {};

function leaf(type) {
  if (type.flags & ts.TypeFlags.StringLiteral) return { const: type.value };
  if (type.flags & ts.TypeFlags.BooleanLike) return { type: "boolean" };
  if (type.isUnion()) {
    const parts = type.types.filter((part) => !(part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)));
    if (parts.every((part) => part.flags & ts.TypeFlags.StringLiteral)) return { enum: parts.map((part) => part.value).sort() };
    const kinds = [...new Set(parts.map((part) => leaf(part).type))];
    return kinds.includes(undefined) ? {} : { type: kinds.length === 1 ? kinds[0] : kinds.sort() };
  }
  if (type.flags & ts.TypeFlags.String) return { type: "string" };
  if (type.flags & ts.TypeFlags.Number) return { type: "number" };
  return {};
}

function reach(schema, node, type) {
  type = checker.getNonNullableType(type);
  if (ts.isObjectLiteralExpression(node)) mapping(schema, node, type);
  else if (ts.isArrayLiteralExpression(node)) {
    schema.type = "array";
    schema.items ??= {};
    const inner = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    for (const element of node.elements) reach(schema.items, element, inner);
  } else Object.assign(schema, leaf(type));
}

function mapping(schema, node, type) {
  schema.type = "object";
  const properties = checker.getPropertiesOfType(type);
  const values = type.getStringIndexType();
  if (values && !properties.length) schema.additionalProperties = leaf(checker.getNonNullableType(values));
  if (!properties.length) return;
  schema.additionalProperties = false;
  schema.properties ??= {};
  const required = properties.filter((property) => !(property.flags & ts.SymbolFlags.Optional)).map((property) => property.name);
  if (required.length) schema.required = required.sort();
  const typeOf = (property) => checker.getTypeOfSymbolAtLocation(property, node);
  for (const property of properties) schema.properties[property.name] ??= leaf(checker.getNonNullableType(typeOf(property)));
  for (const said of node.properties) {
    const name = said.name.text;
    const top = ts.isVariableDeclaration(node.parent);
    // metadata and pods are of the cluster itself, whose own schemas are looked at elsewhere
    if ((name === "metadata" && top) || (name === "template" && schema.properties.strategy)) continue;
    reach(schema.properties[name], said.initializer, typeOf(type.getProperty(name)));
  }
}

ts.forEachChild(program.getSourceFile("objects.ts"), (statement) => {
  if (!ts.isVariableStatement(statement)) return;
  const [said] = statement.declarationList.declarations;
  const value = (key) => said.initializer.properties.find((property) => property.name.text === key).initializer.text;
  reach((found[`${value("apiVersion")}/${value("kind")}`] ??= {}), said.initializer, checker.getTypeFromTypeNode(said.type));
});
fs.writeFileSync("schemas.json", JSON.stringify(found));
