/** Something in a plan that cannot be, and where: a path into its data. */
export interface PlanProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}
