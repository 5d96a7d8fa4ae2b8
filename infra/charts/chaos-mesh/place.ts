/** Where the platform program installs Chaos Mesh. */
export const CHAOS_MESH_NAMESPACE = 'chaos-mesh';
