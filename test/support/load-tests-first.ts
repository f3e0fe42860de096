import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The load tests are short files that take long. Where nobody knows that yet, as in a fresh clone, they would come last, and one of two cores
 * would have nothing to do beside the longest of them.
 */
export class LoadTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLoadTest = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/load-tests/');
    const sorted = await super.sort(files);
    return [...sorted.filter(isLoadTest), ...sorted.filter((file) => !isLoadTest(file))];
  }
}
