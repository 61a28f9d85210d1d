// What the kernel knows of the code: asked as a comm that is answered once and closed. A kernel that does not know of it closes it,
// too, and then nothing is known.

const TARGET = "streamroot.hand";

/** The kernel's answer to a question, or nothing. */
async function ask(kernel, question) {
  let answer = null;
  let comm;
  try {
    comm = kernel.createComm(TARGET);
    const future = comm.open(question);
    future.onIOPub = message => {
      if (message.header.msg_type === "comm_msg") answer = message.content.data;
    };
    await future.done;
  } catch {
    // The kernel has ended, and knows nothing any more.
  } finally {
    comm?.dispose();
  }
  return answer;
}

/** Asks one kernel, and remembers what does not change. */
export class Kernel {
  constructor(connection) {
    this.connection = connection;
    this.kin = null;
  }

  /** Of each code, the names that it `binds` and that it `uses`; and the names that the kernel has values of. */
  async names(codes) {
    const answer = await ask(this.connection, { ask: "names", cells: codes });
    return answer ?? { cells: codes.map(() => ({ binds: [], uses: [] })), known: [] };
  }

  /** Lists of words of which one can stand in another's place. When the kernel has said them, they are `kin`, too. */
  families() {
    this.asked ??= ask(this.connection, { ask: "kin" }).then(answer => (this.kin = answer?.families ?? []));
    return this.asked;
  }
}
