/* German's cache protocol with data, for Spin: a transcription of the protocol of C.-T. Chou, P. K. Mannava, S. Park,
   "A Simple Method for Parameterized Verification of Cache Coherence Protocols", FMCAD 2004, made for this comparison and
   checked by its counts: N = 2: 3,390 states, N = 3: 58,104. The same model as sim/explore/models/german.hpp.
   spin -a -DN=4 german.pml; cc -O3 -DSAFETY -DNOREDUCE -DVECTORSZ=4096 -o pan pan.c; ./pan -m2000000 -w24 */
#ifndef N
#define N 3
#endif
#define U 9
#define I 0
#define S 1
#define E 2
#define Empty 0
#define ReqS 1
#define ReqE 2
#define Inv 3
#define InvAck 4
#define GntS 5
#define GntE 6
byte cs[N], cd[N], c1[N], c2[N], c2d[N], c3[N], c3d[N]; bool inv[N], shr[N]; bool ex; byte cmd, ptr, mem, aux; 
hidden byte j;
#define RULES(i) \
 :: d_step{ cs[i]==E -> cd[i]=0; aux=0 } \
 :: d_step{ cs[i]==E -> cd[i]=1; aux=1 } \
 :: d_step{ c1[i]==Empty && cs[i]==I -> c1[i]=ReqS } \
 :: d_step{ c1[i]==Empty && cs[i]!=E -> c1[i]=ReqE } \
 :: d_step{ cmd==Empty && c1[i]!=Empty -> cmd=c1[i]; ptr=i; c1[i]=Empty; j=0; do :: j<N -> inv[j]=shr[j]; j++ :: else -> break od; j=0 } \
 :: d_step{ c2[i]==Empty && inv[i] && (cmd==ReqE || (cmd==ReqS && ex)) -> c2[i]=Inv; inv[i]=0 } \
 :: d_step{ c2[i]==Inv && c3[i]==Empty -> c2[i]=Empty; c3[i]=InvAck; if :: cs[i]==E -> c3d[i]=cd[i] :: else -> skip fi; cs[i]=I; cd[i]=U } \
 :: d_step{ c3[i]==InvAck && cmd!=Empty -> c3[i]=Empty; shr[i]=0; if :: ex -> ex=0; mem=c3d[i]; c3d[i]=U :: else -> skip fi } \
 :: d_step{ cmd==ReqS && ptr==i && c2[i]==Empty && !ex -> c2[i]=GntS; c2d[i]=mem; shr[i]=1; cmd=Empty; ptr=U } \
 :: d_step{ cmd==ReqE && ptr==i && c2[i]==Empty && !ex && NOSHR -> c2[i]=GntE; c2d[i]=mem; shr[i]=1; ex=1; cmd=Empty; ptr=U } \
 :: d_step{ (c2[i]==GntS||c2[i]==GntE) -> cs[i]=(c2[i]==GntS -> S : E); cd[i]=c2d[i]; c2[i]=Empty; c2d[i]=U }
#if N==2
#define NOSHR (!shr[0]&&!shr[1])
#elif N==3
#define NOSHR (!shr[0]&&!shr[1]&&!shr[2])
#else
#define NOSHR (!shr[0]&&!shr[1]&&!shr[2]&&!shr[3])
#endif
init { d_step{ j=0; do :: j<N -> cd[j]=U; c2d[j]=U; c3d[j]=U; j++ :: else -> break od; j=0; ptr=U }
 if :: d_step{ mem=0; aux=0 } :: d_step{ mem=1; aux=1 } fi;
 do
 RULES(0)
 RULES(1)
#if N>2
 RULES(2)
#endif
#if N>3
 RULES(3)
#endif
 od }
