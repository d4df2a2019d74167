import { imagesInMemory } from '../../support/store-images.ts';
import { describeImages } from './contract.ts';

describeImages('in memory', () => Promise.resolve(imagesInMemory()));
