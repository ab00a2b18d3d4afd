/**
 * Passwords that everybody tries first; folded to lower case. Short on purpose: it stops the worst, throttling does the rest.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  password password1 password12 password123 passw0rd p@ssw0rd p@ssword passwort contraseña motdepasse
  senha123 hasło123 parola123 iloveyou iloveyou1 ilovehim iloveher sunshine sunshine1 princess princess1
  football football1 baseball baseball1 basketball superman superman1 batman123 spiderman starwars starwars1
  pokemon1 pokemon123 dragon123 monkey123 michael1 michelle jennifer jessica1 charlie1 whatever whatever1
  trustno1 trustnoone letmein1 letmein123 welcome1 welcome12 welcome123 welcome2024 qwertyui qwertyuiop
  qwerty12 qwerty123 qwerty1234 qwertz123 azerty123 asdfghjk asdfghjkl asdf1234 zxcvbnm1 zxcvbnm123 1q2w3e4r
  1q2w3e4r5t 1qaz2wsx q1w2e3r4 q1w2e3r4t5 qazwsxedc zaq12wsx zaq1zaq1 abcd1234 abc12345 abcdefgh abcdefg1
  a1b2c3d4 aa123456 a1234567 a12345678 123456789a 12345678a 123qweasd 123abc456 1234abcd 1234qwer qwer1234
  asd12345 test1234 testtest test12345 testing1 testing123 changeme changeme1 changeme123 default1
  default123 temporary temp1234 admin123 admin1234 administrator root1234 rootroot toor1234 guest123
  user1234 username secret123 secretsecret mysecret letmeinnow opensesame computer computer1 internet
  internet1 samsung1 samsung123 iphone123 google123 facebook facebook1 linkedin twitter1 youtube1 microsoft
  windows1 liverpool liverpool1 arsenal1 chelsea1 barcelona realmadrid juventus manutd12 rangers1 steelers
  packers1 cowboys1 yankees1 lakers24 mustang1 corvette ferrari1 porsche1 mercedes harley12 yamaha12
  snoopy12 garfield mickey123 tinkerbell butterfly butterfly1 blink182 metallica nirvana1 slipknot greenday
  eminem123 rockstar rockstar1 hunter12 hunter123 maverick phoenix1 midnight midnight1 summer12 summer123
  summer2024 winter123 winter2024 spring123 autumn123 november december january1 september october1 february
  monday123 friday13 sweetheart chocolate chocolate1 cookie123 pepper123 ginger123 shadow12 shadow123
  master123 masterkey killer123 freedom1 freedom123 forever1 babygirl babygirl1 lovelove loveyou1 lovely123
  mylove123 family123 friends1 friendship happy123 jordan23 jordan123 thomas123 daniel123 ashley123
  nicole123 matthew1 anthony1 robert123 william1 aaaaaaaa abababab abcabcabc xxxxxxxx zzzzzzzz parley123
  parleyparley correcthorse
`
    .trim()
    .split(/\s+/),
);
