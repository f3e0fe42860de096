import { messages } from '../i18n/messages.ts';

export const verifyTexts = messages(
  {
    title: 'Check a draw',
    intro:
      'This page recomputes a draw in your browser from what was published. The server only hands over the public document; every tick is worked out here.',
    open: 'Number or address of a draw',
    openHint: 'From the link under “How it is drawn”, or paste the document itself below.',
    check: 'Check it',
    paste: 'Proof document (JSON)',
    receipt: 'Your receipt (JSON)',
    receiptHint: 'Optional. Shows your own place in the list. A receipt that this browser kept is taken by itself.',
    isMine: (id: string) => `It is of the account that I am signed in with: ${id}`,
    working: 'Working it out',
    verdicts: {
      right: 'Everything is right',
      void: 'The draw is void',
      withheld: 'The winners are right, but the secret was withheld',
      wrong: 'Something does not fit',
      partly: 'What needs no list is right',
    },
    verdictTexts: {
      right:
        'Your browser worked out the draw again and found the same winners. They follow from what could not be changed afterwards.',
      withheld:
        'The secret that was locked at the beginning did not come in time. For that case the rules say that the public random number alone decides, and by it these are the winners.',
      wrong:
        'At least one step gave another result than the one that was published. Keep the document: it is evidence.',
      partly:
        'Rules, seal and secrets fit together, and so does your receipt if this browser has one. The winners below were not worked out yet: for that, the whole list is read.',
    },
    voidTexts: {
      frozenTooLate:
        'Nobody won. The list was sealed when the public random number was known already, and for that case the rules say: no draw. What was published fits together.',
      noRound:
        'Nobody won. The public random number that the rules name could not be had, this server says; anybody can ask drand for it. What was published fits together.',
      notRevealed:
        'Nobody won. The secret that was locked at the beginning did not come in time, and for that case the rules say: no draw. What was published fits together.',
    },
    whole: (n: string) => `Work out all ${n} entries`,
    rulesHash: 'Fingerprint of the rules:',
    notDrawn: 'Nothing was drawn',
    notDrawnText: 'Nobody’s score was worked out, so there are no winners.',
    closed: (n: string, when: string) => `${n} entered, closed ${when}`,
    why: 'Why that can be trusted',
    checks: (n: number) => (n === 1 ? '1 check' : `${n} checks, with the numbers`),
    drawnBySecret: 'The locked secret decided',
    partBad: 'This does not fit what was published. The checks below say where.',
    parts: {
      before: 'Fixed before anybody entered',
      closed: 'The list was closed and sealed',
      drawn: 'Chance decided, from outside',
      own: 'Your receipt',
    },
    beforeText:
      'The rules and a secret of the server were locked with a fingerprint before entry opened. Changing either afterwards would show here.',
    closedText: (n: string) =>
      n === '0'
        ? 'Nobody entered. The empty list got its seal when entry closed: adding an entry would break it.'
        : `${n === '1' ? 'The only entry got its' : `All ${n} entries got one common`} seal when entry closed. Adding, removing or swapping a single one would break it.`,
    drawnText: (round: number | null) =>
      round === null
        ? 'The secret that was locked at the beginning gave every entry its score. The lowest scores win.'
        : `A public random number that nobody knew at the close (drand round ${round}, made by many independent organisations) gave every entry its score. The lowest scores win.`,
    ownText: 'It was signed when you entered, and your entry is in the sealed list.',
    winners: 'Winners',
    alternates: 'Next in line',
    entry: (n: string) => `Entry no. ${n}`,
    nothing: {
      notLoaded:
        'The part that computes did not load: the connection broke, or the server was updated. Reload the page.',
      noSuchDraw: 'There is no draw with this number. Look at the link once more.',
      notDrawn: 'It is not drawn yet. Come back after the draw.',
      cancelled: 'The host cancelled it before entry closed. Nothing is drawn, so there is nothing to check.',
      unreachable: 'The document did not come: the connection broke, or the server is busy. Try again in a moment.',
      unable: 'This browser can’t do the mathematics: open the page by https, or with a newer browser.',
      notProof: 'This is not a proof document.',
      notReceipt: 'This is not a receipt. Paste the whole file that you saved when you entered.',
      otherReceipt: 'This receipt is of another draw. Open that one to check it.',
    },
    steps: {
      format: 'The document has the form it should have',
      rules: 'The published hash is the hash of these rules',
      asked: 'It is the draw that was asked for',
      seen: 'The rules are those that this browser saw in the room',
      'seen-list': 'The sealed list is the one that this browser saw',
      'seen-in-time': 'This browser saw the seal before the public random number was known',
      signature: 'The closed list carries the signature of this giveaway',
      close: 'The list was sealed after entry closed',
      seed: 'The seed is the one the server had committed to',
      beacon: 'The public randomness is the round named in the rules',
      entries: 'The list is complete, in order, and nobody is in it twice',
      root: 'The seal belongs to exactly this list',
      winners: 'The winners are the entries with the lowest scores',
      alternates: 'The next in line are the entries that follow',
      giveaway: 'The receipt is of this draw',
      batch: 'The entry is in the batch that was signed',
      account: 'The receipt is yours',
      nonce: 'It has the random number that this device chose',
      included: 'Your entry is in the sealed list',
    },
  },
  {
    title: '验证开奖',
    intro: '本页在你的浏览器里，用公开的数据重新计算整个抽奖过程。服务器只提供公开文件，每一个对勾都是在这里算出来的。',
    open: '抽奖编号或网址',
    openHint: '在“怎么开奖”里可以找到，也可以直接在下方粘贴文件。',
    check: '开始验证',
    paste: '公开文件（JSON）',
    receipt: '我的凭证（JSON）',
    receiptHint: '选填，可查看你在名单中的位置。本浏览器保存过的凭证会自动使用。',
    isMine: (id: string) => `凭证属于我当前登录的账号：${id}`,
    working: '计算中…',
    verdicts: {
      right: '全部正确',
      void: '本次抽奖作废',
      withheld: '中奖者正确，但秘密未公开',
      wrong: '有一步对不上',
      partly: '不需要名单的部分都正确',
    },
    verdictTexts: {
      right: '你的浏览器重新算了一遍，得出的中奖者完全相同；依据的内容事后都无法更改。',
      withheld: '一开始锁定的秘密没有按时公开。规则规定这种情况只由公共随机数决定，据此得出的中奖者就是这些。',
      wrong: '至少有一步的计算结果与公布的不同。请保存这份文件作为证据。',
      partly:
        '规则、封条和秘密前后一致；如果本浏览器存有你的凭证，凭证也一致。下面的中奖者还没有重新计算，计算需要读取整份名单。',
    },
    voidTexts: {
      frozenTooLate: '没有人中奖。名单封存时公共随机数已经公布，规则规定这种情况不开奖。公布的内容前后一致。',
      noRound: '没有人中奖。本服务器称无法取得规则指定的公共随机数；任何人都可以向 drand 查询。公布的内容前后一致。',
      notRevealed: '没有人中奖。一开始锁定的秘密没有按时公开，规则规定这种情况不开奖。公布的内容前后一致。',
    },
    whole: (n: string) => `重新计算全部 ${n} 条记录`,
    rulesHash: '规则指纹：',
    notDrawn: '没有开奖',
    notDrawnText: '没有计算任何人的得分，因此没有中奖者。',
    closed: (n: string, when: string) => `${n} 人参与，${when} 截止`,
    why: '为什么可信',
    checks: (n: number) => `${n} 项检查与数据`,
    drawnBySecret: '由锁定的秘密决定',
    partBad: '这里与公布的不一致，下面的检查会指出具体是哪一项。',
    parts: { before: '参与之前就定好了', closed: '名单截止后封存', drawn: '由外部随机数决定', own: '我的凭证' },
    beforeText: '规则和服务器的一个秘密，在开放参与前就用“指纹”锁定；事后改动任何一个，这里都会显示出来。',
    closedText: (n: string) =>
      n === '0'
        ? '没有人参与；截止时空名单盖上封条，再添加任何一条都会破坏它。'
        : `截止时，全部 ${n} 条参与记录盖上同一个封条；增加、删除或替换任何一条都会破坏它。`,
    drawnText: (round: number | null) =>
      round === null
        ? '一开始就锁定的秘密给每条记录打分，分数最低者中奖。'
        : `一个截止时谁都不知道的公共随机数（drand 第 ${round} 轮，由多家独立机构共同产生）给每条记录打分，分数最低者中奖。`,
    ownText: '凭证在你参与时签发，你的记录在封存的名单里。',
    winners: '中奖',
    alternates: '候补',
    entry: (n: string) => `参与编号 ${n}`,
    nothing: {
      notLoaded: '计算程序没有加载成功：网络中断，或服务器刚刚更新，请刷新页面。',
      noSuchDraw: '没有这个编号的抽奖，请核对链接。',
      notDrawn: '还没开奖，请稍后再来。',
      cancelled: '主播在参与截止前取消了活动，不会开奖，因此无需验证。',
      unreachable: '公开文件没有取到：网络中断，或服务器繁忙，请稍后重试。',
      unable: '此浏览器无法进行验证计算，请用 https 打开本页，或换用较新的浏览器。',
      notProof: '这不是抽奖公开文件。',
      notReceipt: '这不是参与凭证，请粘贴参与时保存的完整文件。',
      otherReceipt: '这是另一场抽奖的凭证，请打开对应的抽奖来验证。',
    },
    steps: {
      format: '文件格式正确',
      rules: '公布的规则指纹与这些规则一致',
      asked: '这正是所查询的抽奖',
      seen: '规则与本浏览器在直播间看到的一致',
      'seen-list': '封存的名单与本浏览器看到的一致',
      'seen-in-time': '公共随机数公布之前，本浏览器已看到封条',
      signature: '封存的名单带有本次抽奖的签名',
      close: '名单在参与截止后封存',
      seed: '种子与事先承诺的一致',
      beacon: '公共随机数是规则中指定的一轮',
      entries: '名单完整、有序、没有重复',
      root: '封条与这份名单完全对应',
      winners: '中奖者是得分最低的参与者',
      alternates: '候补是紧随其后的参与者',
      giveaway: '凭证属于本次抽奖',
      batch: '参与记录在已签名的批次中',
      account: '凭证是你的',
      nonce: '其中的随机数是本设备选的',
      included: '你的参与记录在封存的名单中',
    },
  },
);
