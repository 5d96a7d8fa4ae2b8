export { definitionChanges, type ValueGroup } from './definitions.ts';
export { fieldDifferences, pathOf, type FieldDifference, type Step } from './fields.ts';
export { formatField, formatObject, formatValue, type Sides } from './format-changes.ts';
export { changeOf, named, objectChanges, type FieldChange, type ObjectChange } from './objects.ts';
