export declare function busyboxTar(): Buffer | undefined;
